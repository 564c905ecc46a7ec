"""Row-level security on every table: a login sees and changes only what it has leased.

From this step on everything is sealed in the newest formats, which the release before can't open,
and its rights go. Which files a report has is told by their table alone.
"""

from alembic import op

revision = "0020"
down_revision = "0019"
phase = "contract"

BEFORE = """
DROP FUNCTION audit_entries_to_link(integer);
DROP POLICY own_patients ON reports;
DROP POLICY own_patients ON audit;
"""

_ROWS = {
    "patients": "id",
    "identities": "patient_id",
    "conversations": "patient_id",
    "inbox": "subject",
    "outbox": "patient_id",
    "media": "patient_id",
    "accounts": "patient_id",
    "unlockings": "patient_id",
    "joinings": "patient_id",
    "unjoinings": "patient_id",
    "timers": "patient_id",
    "dead_letters": "id",
    "audit_links": "patient_id",
    "audit_unlinked": "audit_id",
}
POLICIES = "".join(
    f"""
    ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
    CREATE POLICY leased ON {table} USING ({column}::text = ANY ((SELECT opened())::text[]));
    """
    for table, column in _ROWS.items()
)

# A login may keep the updates of a webhook without a lease, but not those that medvault itself
# tells a conversation: a function sees to whose they are.
INTAKE = """
CREATE POLICY received ON inbox FOR INSERT WITH CHECK (kind IN ('message', 'status', 'kept'));
"""

# The release before asked by these; now there are `outbox_open` and `outbox_behind`.
OLD = "DROP INDEX IF EXISTS outbox_of_patient, outbox_held"

# Its index goes with it, and what set a timer by it.
DEADLINE = """
DROP TRIGGER deadline_sets_timer ON conversations;
DROP FUNCTION deadline_sets_timer();
ALTER TABLE conversations DROP COLUMN deadline;
"""

# Triggers have listed them all, unless somebody had turned these off.
FILES = """
INSERT INTO report_files (report_id, position, media_id, patient_id)
SELECT id, 1, media_id, patient_id FROM reports r
WHERE media_id IS NOT NULL AND NOT EXISTS (SELECT FROM report_files f WHERE f.report_id = r.id);
DROP TRIGGER file_is_listed ON reports;
DROP TRIGGER first_file_is_named ON report_files;
DROP FUNCTION reports_file_is_listed();
DROP FUNCTION first_file_is_named();
ALTER TABLE reports DROP COLUMN media_id;
"""


def upgrade() -> None:
    for statements in (FILES, BEFORE, POLICIES, INTAKE, OLD, DEADLINE):
        op.execute(statements)
