"""Takes away what only the release before needed: rights to the chains of the audit.

From this step on everything is sealed in the newest formats, which that release can't open.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
phase = "contract"

STATEMENTS = """
DROP FUNCTION audit_entries_to_link(integer);
REVOKE ALL ON audit_unlinked, audit_links FROM medvault_service;
REVOKE INSERT ON audit FROM medvault_service;
GRANT INSERT (id, patient_id, action, report_id, identity, note) ON audit TO medvault_service;
"""


def upgrade() -> None:
    op.execute(STATEMENTS)
