"""How late first statuses come, and since when a message is in doubt: repeats depend on both.

The release before writes no delays; without them a repeat waits as long as it always did.
"""

from alembic import op

revision = "0014"
down_revision = "0013"
phase = "expand"

# A row for each second and connection of the last hour, so that nobody waits for another's row.
DELAYS = """
CREATE TABLE IF NOT EXISTS status_delays (
    told_at timestamptz NOT NULL,
    backend integer NOT NULL,
    letters integer NOT NULL,
    longest interval NOT NULL,
    PRIMARY KEY (told_at, backend)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01);
ALTER TABLE outbox ADD COLUMN IF NOT EXISTS doubted_at timestamptz;
"""

# Each fits one question only, put in just these words.
INDEXES = (
    """
    CREATE INDEX CONCURRENTLY IF NOT EXISTS outbox_in_doubt ON outbox (changed_at)
    WHERE state + 0 IN (20, 30)
    """,
    """
    CREATE INDEX CONCURRENTLY IF NOT EXISTS outbox_unheard ON outbox (leased_at)
    WHERE state + 0 = 40 AND repeats = 0
    """,
)


def upgrade() -> None:
    op.execute(DELAYS)
    with op.get_context().autocommit_block():
        for index in INDEXES:
            op.execute(index)
