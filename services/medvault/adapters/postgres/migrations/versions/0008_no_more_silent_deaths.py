"""Takes away what only the release before dead letters needed."""

from alembic import op

revision = "0008"
down_revision = "0007"
phase = "contract"

STATEMENTS = """
DROP TRIGGER inbox_death ON inbox;
DROP FUNCTION inbox_death_is_noted();
DROP FUNCTION audit_to_link(integer);
"""


def upgrade() -> None:
    op.execute(STATEMENTS)
