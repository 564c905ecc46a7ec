"""A worker sees the vaults of the patients that it has opened, for one transaction."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from medvault.adapters.postgres.audit import PostgresAudit
from medvault.adapters.postgres.reports import PostgresReports
from medvault.domain.audit import Action, Entry
from medvault.domain.media import Attachment, FileKind
from medvault.domain.reports import Report, ReportDetails, ReportType
from medvault.ports.persistence import Claimed, UnitOfWork
from medvault.ports.vault import Filing
from support.vaults import Vault

DETAILS = ReportDetails(date(2026, 5, 2), "City Hospital", ReportType.LAB)


def file_report(vault: Vault, patient: Claimed) -> UUID:
    """A report in a patient's vault."""
    media_id, report = vault.new_id(), Report(vault.new_id(), DETAILS)
    with vault.database.begin() as work:
        work.reports.for_patients([patient.patient_id])
        work.media.add([(media_id, patient.patient_id, Attachment("handle", "application/pdf"))])
        work.media.stored(media_id, FileKind.PDF, 100)
        work.reports.add([Filing(patient.patient_id, report, media_id)])
        work.audit.append(
            [Entry(vault.new_id(), patient.patient_id, Action.REPORT_FILED, report.id)]
        )
    return report.id


def seen(work: UnitOfWork, patients: list[UUID]) -> list[int]:
    """How many reports of each patient a unit of work gets to see."""
    shelves = work.reports.shelf(patients)
    return [len(shelves[patient_id]) for patient_id in patients]


def test_with_nothing_opened_nothing_is_seen(vault: Vault) -> None:
    patient = vault.patient()
    report_id = file_report(vault, patient)
    with vault.database.begin() as work:
        assert seen(work, [patient.patient_id]) == [0]
        assert work.reports.find([(patient.patient_id, report_id)]) == {}
        assert not work.reports.filed(report_id)
    with vault.engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT * FROM audit").all() == []


def test_only_the_opened_vault_is_seen(vault: Vault) -> None:
    mine, other = vault.patient(), vault.patient()
    file_report(vault, mine)
    theirs = file_report(vault, other)
    with vault.database.begin() as work:
        work.reports.for_patients([mine.patient_id])
        assert seen(work, [mine.patient_id, other.patient_id]) == [1, 0]
        assert work.reports.find([(other.patient_id, theirs), (mine.patient_id, theirs)]) == {}


def test_claiming_a_conversation_opens_its_vault_and_no_other(vault: Vault) -> None:
    mine, other = vault.patient(), vault.patient()
    file_report(vault, mine)
    file_report(vault, other)
    vault.receive(vault.message(mine.subject))
    with vault.database.begin() as work:
        work.conversations.claim([mine.subject], vault.new_id)
        assert seen(work, [mine.patient_id, other.patient_id]) == [1, 0]


def test_a_claim_of_nothing_opens_nothing(vault: Vault) -> None:
    mine = vault.patient()
    file_report(vault, mine)
    with vault.database.begin() as work:
        assert work.conversations.claim([], vault.new_id) == []
        assert seen(work, [mine.patient_id]) == [0]


def test_a_report_cannot_be_written_into_a_closed_vault(vault: Vault) -> None:
    mine, other = vault.patient(), vault.patient()
    media_id = vault.new_id()
    with vault.database.begin() as work:
        work.media.add([(media_id, other.patient_id, Attachment("handle", "application/pdf"))])
    with vault.engine.begin() as connection:
        reports = PostgresReports(connection, vault.sealer)
        reports.for_patients([mine.patient_id])
        with pytest.raises(ProgrammingError, match="row-level security"):
            reports.add([Filing(other.patient_id, Report(vault.new_id(), DETAILS), media_id)])
    assert vault.one("SELECT count(*) FROM reports") == 0


def test_an_audit_row_cannot_be_written_for_a_closed_vault(vault: Vault) -> None:
    mine, other = vault.patient(), vault.patient()
    with vault.engine.begin() as connection:
        PostgresReports(connection, vault.sealer).for_patients([mine.patient_id])
        entry = Entry(vault.new_id(), other.patient_id, Action.REPORT_SENT)
        with pytest.raises(ProgrammingError, match="row-level security"):
            PostgresAudit(connection).append([entry])
    assert vault.one("SELECT count(*) FROM audit") == 0


def test_another_patients_report_cannot_be_filed_or_given_away(vault: Vault) -> None:
    mine, other = vault.patient(), vault.patient()
    theirs = file_report(vault, other)
    with vault.database.begin() as work:
        work.reports.for_patients([mine.patient_id])
        assert not work.reports.filed(theirs)
    assert vault.one("SELECT state FROM reports") == "filing"
    mine_too = file_report(vault, mine)
    give = text("UPDATE reports SET patient_id = :to WHERE id = :id")
    with vault.engine.begin() as connection:
        PostgresReports(connection, vault.sealer).for_patients([mine.patient_id])
        with pytest.raises(ProgrammingError, match="row-level security"):
            connection.execute(give, {"to": other.patient_id, "id": mine_too})


@pytest.mark.parametrize("ending", ["COMMIT", "ROLLBACK"])
def test_an_opened_vault_is_closed_again_with_the_transaction(vault: Vault, ending: str) -> None:
    patient = vault.patient()
    file_report(vault, patient)
    setting = "SELECT current_setting('medvault.patients', true)"
    with vault.engine.connect() as connection:
        reports = PostgresReports(connection, vault.sealer)
        reports.for_patients([patient.patient_id])
        assert len(reports.shelf([patient.patient_id])[patient.patient_id]) == 1
        connection.exec_driver_sql(ending)
        assert reports.shelf([patient.patient_id])[patient.patient_id] == []
        assert connection.exec_driver_sql(setting).scalar_one() in (None, "")


def test_a_pooled_connection_forgets_which_vault_was_open(vault: Vault) -> None:
    patient = vault.patient()
    file_report(vault, patient)
    database, backends = vault.worker(pool_size=1), set()
    for opened in (True, False):
        with database.begin() as work:
            if opened:
                work.reports.for_patients([patient.patient_id])
            assert seen(work, [patient.patient_id]) == [int(opened)]
        with vault.engine.connect() as connection:
            backends.add(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
    assert len(backends) == 1
