"""Copies: a note of what was removed from a file's copy that is given back in its stead.

Without it there is no copy, and the file is given back as it came.
"""

from alembic import op

revision = "0013"
down_revision = "0012"
phase = "expand"


def upgrade() -> None:
    op.execute("ALTER TABLE media ADD COLUMN removed text")
