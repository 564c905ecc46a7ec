"""Audit rows are linked into a chain per patient, by one sequencer at a time."""

from uuid import UUID

from medvault.adapters.postgres.audit import PostgresAudit
from medvault.domain.audit import Action, Entry, extend
from support.vaults import Vault, transaction


def record(vault: Vault, patient_id: UUID, *actions: Action) -> None:
    """Writes audit rows of a patient."""
    with vault.database.begin() as work:
        work.reports.for_patients([patient_id])
        work.audit.append([Entry(vault.new_id(), patient_id, action) for action in actions])


def link(vault: Vault, limit: int = 100) -> int:
    """One round of a sequencer; returns how many rows it linked."""
    with vault.database.begin() as work:
        recorded = work.audit.unlinked(limit)
        heads = work.audit.heads([one.entry.patient_id for one in recorded])
        work.audit.link(extend(heads, recorded))
    return len(recorded)


def test_every_row_gets_the_next_place_of_its_patients_chain(vault: Vault) -> None:
    one, two = vault.patient().patient_id, vault.patient().patient_id
    record(vault, one, Action.FILE_RECEIVED, Action.REPORT_FILING)
    record(vault, two, Action.REPORTS_LISTED)
    record(vault, one, Action.REPORT_FILED)
    assert [link(vault, 2), link(vault, 2), link(vault, 2)] == [2, 2, 0]
    record(vault, two, Action.REPORT_SENT)
    assert link(vault) == 1
    for patient_id, actions in (
        (one, ["file.received", "report.filing", "report.filed"]),
        (two, ["reports.listed", "report.sent"]),
    ):
        chain = vault.sql(
            "SELECT l.position, a.action FROM audit_links l JOIN audit a ON a.id = l.audit_id "
            "WHERE l.patient_id = :id ORDER BY l.position",
            id=patient_id,
        )
        assert chain == list(enumerate(actions, start=1))
    with vault.database.begin() as work:
        heads = work.audit.heads([one, two])
    assert {patient_id: position for patient_id, (position, _) in heads.items()} == {one: 3, two: 2}


def test_while_one_links_the_others_have_nothing_to_link(vault: Vault) -> None:
    record(vault, vault.patient().patient_id, Action.REPORTS_LISTED)
    with transaction(vault.database) as (work, commit):
        assert len(work.audit.unlinked(10)) == 1
        with vault.worker().begin() as other:
            assert other.audit.unlinked(10) == []
        commit()
    assert link(vault) == 1


def test_what_was_rolled_back_leaves_no_gap(vault: Vault) -> None:
    patient_id = vault.patient().patient_id
    record(vault, patient_id, Action.REPORTS_LISTED)
    with vault.engine.connect() as connection:
        audit = PostgresAudit(connection)
        recorded = audit.unlinked(10)
        audit.link(extend(audit.heads([patient_id]), recorded))
        connection.rollback()
    assert link(vault) == 1
    assert vault.one("SELECT position FROM audit_links") == 1


def test_a_service_reads_nobodys_audit_through_the_sequencer_alone(vault: Vault) -> None:
    record(vault, vault.patient().patient_id, Action.REPORTS_LISTED)
    link(vault)
    with vault.engine.connect() as connection:
        assert PostgresAudit(connection).unlinked(10) == []
        assert connection.exec_driver_sql("SELECT * FROM audit").all() == []
