"""Indexes the lane of statuses by when they are due.

Statuses of messages that nobody knows are kept for an hour, and a flood of them lay in front of all
that came later: every look at the lane read them.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
phase = "expand"

# A status without an outcome is not done, but a condition on the outcome fits this index only.
INDEX = """
CREATE INDEX CONCURRENTLY IF NOT EXISTS inbox_statuses ON inbox (attempts, due_at, seq)
WHERE subject = '00000000-0000-0000-0000-000000000000' AND outcome IS NULL
"""


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(INDEX)
