"""Gives each patient an account of their turns at the media workers, and of what they used.

A row without an account, as the release before writes it, is found by the sweep.
"""

from alembic import op

revision = "0009"
down_revision = "0008"
phase = "expand"

# A bucket is one time: when it will be empty again, if nothing more is put into it.
ACCOUNTS = """
CREATE TABLE IF NOT EXISTS accounts (
    patient_id uuid PRIMARY KEY REFERENCES patients,
    turn_at timestamptz NOT NULL DEFAULT 'infinity',
    files_until timestamptz NOT NULL DEFAULT now(),
    bytes_until timestamptz NOT NULL DEFAULT now(),
    cpu_until timestamptz NOT NULL DEFAULT now(),
    held_back_at timestamptz
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01);
CREATE INDEX IF NOT EXISTS accounts_turn ON accounts (turn_at) WHERE turn_at < 'infinity';
GRANT SELECT, INSERT, UPDATE ON accounts TO medvault_service;
"""

# Each fits one question only, put in just these words: to PostgreSQL, which may believe that next
# to nothing is open, any other index would seem free to read from end to end.
INDEXES = (
    """
    CREATE INDEX CONCURRENTLY IF NOT EXISTS media_line
    ON media (patient_id, coalesce(due_at, 'infinity'))
    WHERE coalesce(due_at, 'infinity') < 'infinity'
    """,
    """
    CREATE INDEX CONCURRENTLY IF NOT EXISTS media_in_hand ON media (patient_id)
    WHERE held_until IS NOT NULL
    """,
    """
    CREATE INDEX CONCURRENTLY IF NOT EXISTS outbox_line ON outbox (patient_id, due_at)
    WHERE state + 0 = 0
    """,
    """
    CREATE INDEX CONCURRENTLY IF NOT EXISTS outbox_in_hand ON outbox (patient_id)
    WHERE state + 0 = 0 AND leased_at IS NOT NULL
    """,
    """
    CREATE INDEX CONCURRENTLY IF NOT EXISTS outbox_open ON outbox (patient_id, seq)
    WHERE state + 0 < 40
    """,
    """
    CREATE INDEX CONCURRENTLY IF NOT EXISTS outbox_behind ON outbox (held_for)
    WHERE held_for IS NOT NULL AND state + 0 = 0
    """,
    "CREATE INDEX CONCURRENTLY IF NOT EXISTS media_of_patient ON media (patient_id, id)",
)


def upgrade() -> None:
    op.execute(ACCOUNTS)
    with op.get_context().autocommit_block():
        for index in INDEXES:
            op.execute(index)
