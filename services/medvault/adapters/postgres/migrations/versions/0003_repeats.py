"""How often a message was sent again because nobody knew whether it had been sent."""

from alembic import op

revision = "0003"
down_revision = "0002"
phase = "expand"

REPEATS = "ALTER TABLE outbox ADD COLUMN repeats smallint NOT NULL DEFAULT 0"


def upgrade() -> None:
    op.execute(REPEATS)
