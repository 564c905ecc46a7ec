"""Keeps the index of a patient's open messages for what asks by patient.

In a long outbox next to nothing is open, which PostgreSQL takes for nothing: any index of open
messages seems free to read from end to end, and that by patient was read so for every turn.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
phase = "expand"

# Only a condition on the patient implies this one.
INDEX = """
CREATE INDEX CONCURRENTLY IF NOT EXISTS outbox_of_patient ON outbox (patient_id)
WHERE state < 40 AND patient_id IS NOT NULL
"""
OLD = "DROP INDEX CONCURRENTLY IF EXISTS outbox_patient"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(INDEX)
        op.execute(OLD)
