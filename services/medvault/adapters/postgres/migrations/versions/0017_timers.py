"""Timers: what rings for a conversation at a certain time, set when it has to be and not before.

A deadline in the conversation's row was written with every message, and an index beside it: no
row could be changed in its place. Processes of the release before go on writing it, and look at
nothing else: a trigger sets the timer for them.
"""

from alembic import op

revision = "0017"
down_revision = "0016"
phase = "expand"

TABLE = """
CREATE TABLE timers (
    patient_id uuid NOT NULL REFERENCES patients,
    name text NOT NULL,
    rings_at timestamptz NOT NULL,
    PRIMARY KEY (patient_id, name)
);
CREATE INDEX timers_due ON timers (rings_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON timers TO medvault_service;
"""

BEFORE = """
CREATE FUNCTION deadline_sets_timer() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO public.timers (patient_id, name, rings_at)
    VALUES (NEW.patient_id, 'session', NEW.deadline)
    ON CONFLICT (patient_id, name) DO UPDATE SET rings_at = excluded.rings_at;
    RETURN NULL;
END $$;
CREATE TRIGGER deadline_sets_timer AFTER UPDATE OF deadline ON conversations
    FOR EACH ROW WHEN (NEW.deadline IS NOT NULL) EXECUTE FUNCTION deadline_sets_timer();
INSERT INTO timers (patient_id, name, rings_at)
SELECT patient_id, 'session', deadline FROM conversations WHERE deadline IS NOT NULL;
"""


def upgrade() -> None:
    for statements in (TABLE, BEFORE):
        op.execute(statements)
