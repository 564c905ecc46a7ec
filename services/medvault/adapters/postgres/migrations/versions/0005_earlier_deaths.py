"""Notes as dead letters what died before there were any, some rows at a time."""

from alembic import op
from sqlalchemy import text

revision = "0005"
down_revision = "0004"
phase = "expand"

ROWS_AT_ONCE = 20_000

LAST = text("SELECT coalesce(max(seq), 0) FROM inbox")
NOTE = text("""
INSERT INTO dead_letters (id, kind, reason, attempts, began_at, died_at)
SELECT key, 'update', 'unrecorded', attempts, received_at, done_at FROM inbox
WHERE seq > :after AND seq <= :up_to AND outcome = 'dead'
ON CONFLICT (id) DO NOTHING
""")


def upgrade() -> None:
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        for after in range(0, connection.execute(LAST).scalar_one(), ROWS_AT_ONCE):
            connection.execute(NOTE, {"after": after, "up_to": after + ROWS_AT_ONCE})
