"""Audit rows are linked into a chain per patient by the database, for one sequencer at a time."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from chaos.checker.evidence import AuditRow
from chaos.checker.judgements.audit import FIRST, chained
from medvault.application.identifiers import UuidV7
from medvault.domain.audit import Action, Entry
from medvault.domain.identifiers import LaneId, PersonId, ReportId, vault_of
from support.vaults import Vault, transaction

NEW_ID = UuidV7()
BACKDATED = """
INSERT INTO audit (id, patient_id, action, at)
VALUES (gen_random_uuid(), gen_random_uuid(), 'x', now() - interval '1 year')
"""


def record(vault: Vault, patient_id: PersonId, *entries: Entry) -> None:
    """Writes audit rows of a patient."""
    with vault.database.begin() as work:
        work.audit.append(entries)


def entries(patient_id: PersonId, *actions: Action) -> list[Entry]:
    """Rows of a patient that say no more than this."""
    return [Entry(NEW_ID(), vault_of(patient_id), action) for action in actions]


def link(vault: Vault, limit: int = 100) -> int:
    """One round of a sequencer; returns how many rows it linked."""
    with vault.database.begin() as work:
        return work.audit.link(limit)


def hashes(vault: Vault, patient_id: PersonId) -> list[bytes]:
    """The hashes of a patient's chain."""
    rows = vault.sql(
        "SELECT hash FROM audit_links WHERE patient_id = :id ORDER BY position", id=patient_id
    )
    return [bytes(digest) for (digest,) in rows]


def test_every_row_gets_the_next_place_of_its_patients_chain(vault: Vault) -> None:
    one, two = vault.patient().patient_id, vault.patient().patient_id
    record(vault, one, *entries(one, Action.FILE_RECEIVED, Action.REPORT_FILING))
    record(vault, two, *entries(two, Action.REPORTS_LISTED))
    record(vault, one, *entries(one, Action.REPORT_FILED))
    assert [link(vault, 2), link(vault, 2), link(vault, 2)] == [2, 2, 0]
    record(vault, two, *entries(two, Action.REPORT_SENT))
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


def test_a_hash_covers_all_that_an_entry_says_and_the_one_before(vault: Vault) -> None:
    patient = vault.patient().patient_id
    written = [
        Entry(
            NEW_ID(),
            vault_of(patient),
            Action.REPORT_SENT,
            ReportId(uuid4()),
            b"sealed",
            LaneId(uuid4()),
        ),
        Entry(
            NEW_ID(),
            vault_of(patient),
            Action.REPORT_SENT,
            ReportId(uuid4()),
            None,
            LaneId(uuid4()),
        ),
        Entry(NEW_ID(), vault_of(patient), Action.REPORT_SENT, ReportId(uuid4()), b"sealed"),
        Entry(NEW_ID(), vault_of(patient), Action.REPORTS_LISTED),
    ]
    previous, expected = FIRST, []
    for entry in written:
        record(vault, patient, entry)
        at = vault.one("SELECT at FROM audit WHERE id = :id", id=entry.id)
        row = AuditRow(
            entry.id, patient, entry.action, entry.report_id, at, entry.identity, entry.note
        )
        previous = chained(previous, row)
        expected.append(previous)
    assert link(vault) == len(written)
    assert hashes(vault, patient) == expected


def test_the_time_of_an_entry_is_the_databases_own(vault: Vault) -> None:
    patient, long_ago = vault.patient().patient_id, datetime(2001, 1, 1, tzinfo=UTC)
    vault.sql(
        "INSERT INTO audit (id, patient_id, action, at) VALUES (:id, :patient, 'x', :at)",
        id=uuid4(),
        patient=patient,
        at=long_ago,
    )
    assert vault.one("SELECT at > now() - interval '1 minute' FROM audit") is True


def test_while_one_links_the_others_have_nothing_to_link(vault: Vault) -> None:
    patient = vault.patient().patient_id
    record(vault, patient, *entries(patient, Action.REPORTS_LISTED, Action.REPORTS_LISTED))
    with transaction(vault.database) as (work, commit):
        assert work.audit.link(1) == 1
        with vault.worker().begin() as other:
            assert other.audit.link(10) == 0
        commit()
    assert link(vault) == 1


def test_what_was_rolled_back_leaves_no_gap(vault: Vault) -> None:
    patient = vault.patient().patient_id
    record(vault, patient, *entries(patient, Action.REPORTS_LISTED))
    with vault.engine.connect() as connection:
        connection.execute(text("SELECT link_audit(10)"))
        connection.rollback()
    assert link(vault) == 1
    assert vault.one("SELECT position FROM audit_links") == 1


def test_an_entry_that_has_a_link_already_holds_up_no_other(vault: Vault) -> None:
    jammed, other = vault.patient().patient_id, vault.patient().patient_id
    record(vault, jammed, *entries(jammed, Action.REPORTS_LISTED))
    vault.sql(
        "INSERT INTO audit_links (patient_id, position, audit_id, hash) "
        "SELECT patient_id, 7, id, 'forged' FROM audit"
    )
    record(vault, other, *entries(other, Action.REPORTS_LISTED))
    assert link(vault) == 1
    assert vault.one("SELECT count(*) FROM audit_unlinked") == 0
    assert len(hashes(vault, other)) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_unlinked",
        "INSERT INTO audit_links VALUES (gen_random_uuid(), 1, gen_random_uuid(), '')",
        "SELECT * FROM audit_unlinked",
        "SELECT * FROM audit_links",
        BACKDATED,
    ],
)
def test_a_service_neither_hides_nor_forges_nor_dates_an_entry(
    vault: Vault, statement: str
) -> None:
    with vault.engine.connect() as connection, pytest.raises(DBAPIError) as refused:
        connection.execute(text(statement))
    assert getattr(refused.value.orig, "pgcode", None) == "42501"


def test_a_service_reads_nobodys_audit_through_the_sequencer(vault: Vault) -> None:
    patient = vault.patient().patient_id
    record(vault, patient, *entries(patient, Action.REPORTS_LISTED))
    with vault.engine.connect() as connection:
        assert connection.execute(text("SELECT link_audit(10)")).scalar_one() == 1
        with pytest.raises(ProgrammingError, match="permission denied"):
            connection.exec_driver_sql("SELECT * FROM audit")
