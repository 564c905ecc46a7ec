"""A login sees and changes what it has leased, on every table, for one transaction."""

from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from medvault.adapters.postgres.audit import PostgresAudit
from medvault.adapters.postgres.reports import PostgresReports
from medvault.domain.audit import Action, Entry
from medvault.domain.identifiers import MediaId, PersonId, ReportId, vault_of
from medvault.domain.media import Attachment, FileKind
from medvault.domain.reports import Report, ReportDetails, ReportFile, ReportType
from medvault.ports.persistence import Claimed, UnitOfWork
from medvault.ports.transactions import Transaction
from medvault.ports.vault import Filing, NewFile, Owned
from support.vaults import Vault

DETAILS = ReportDetails(date(2026, 5, 2), "City Hospital", ReportType.LAB)


def file_report(vault: Vault, patient: Claimed) -> ReportId:
    """A report in a patient's vault."""
    media_id, report = MediaId(vault.new_id()), Report(ReportId(vault.new_id()), DETAILS)
    with vault.database.begin() as work:
        work.media.add(
            [NewFile(media_id, patient.patient_id, Attachment("handle", "application/pdf"))]
        )
        work.media.stored(media_id, FileKind.PDF, 100)
        work.reports.add([Filing(vault_of(patient.patient_id), report, (ReportFile(media_id),))])
        work.audit.append(
            [Entry(vault.new_id(), vault_of(patient.patient_id), Action.REPORT_FILED, report.id)]
        )
    return report.id


def seen(work: UnitOfWork, patients: list[PersonId]) -> list[int]:
    """How many reports of each patient a unit of work gets to see."""
    shelves = work.reports.shelf(patients)
    return [len(shelves[patient_id]) for patient_id in patients]


def lease(connection: Connection, vault: Vault, patient: Claimed) -> None:
    """Lease a conversation, as a worker does to whom somebody has written."""
    vault.receive(vault.message(patient.subject))
    claim = text("SELECT count(*) FROM lease_conversations(ARRAY[CAST(:lane AS uuid)], 1, 32)")
    assert connection.execute(claim, {"lane": patient.subject}).scalar_one() == 1


def test_with_nothing_leased_nothing_is_seen(vault: Vault) -> None:
    patient = vault.patient()
    report_id = file_report(vault, patient)
    with vault.database.begin(Transaction.CONVERSE) as work:
        assert seen(work, [patient.patient_id]) == [0]
        assert work.reports.find([Owned(patient.patient_id, report_id)]) == {}
        assert not work.reports.filed(report_id)


def test_leasing_a_conversation_opens_its_vault_and_no_other(vault: Vault) -> None:
    mine, other = vault.patient(), vault.patient()
    file_report(vault, mine)
    theirs = file_report(vault, other)
    vault.receive(vault.message(mine.subject))
    with vault.database.begin(Transaction.CONVERSE) as work:
        work.conversations.claim([mine.subject, other.subject], vault.new_id)
        assert seen(work, [mine.patient_id, other.patient_id]) == [1, 0]
        assert (
            work.reports.find([Owned(other.patient_id, theirs), Owned(mine.patient_id, theirs)])
            == {}
        )


def test_a_conversation_in_which_nothing_waits_cannot_be_leased(vault: Vault) -> None:
    mine = vault.patient()
    file_report(vault, mine)
    with vault.database.begin(Transaction.CONVERSE) as work:
        assert work.conversations.claim([mine.subject], vault.new_id) == []
        assert seen(work, [mine.patient_id]) == [0]


def test_a_claim_of_nothing_opens_nothing(vault: Vault) -> None:
    mine = vault.patient()
    file_report(vault, mine)
    with vault.database.begin(Transaction.CONVERSE) as work:
        assert work.conversations.claim([], vault.new_id) == []
        assert seen(work, [mine.patient_id]) == [0]


def test_a_report_cannot_be_written_into_a_closed_vault(vault: Vault) -> None:
    mine, other = vault.patient(), vault.patient()
    media_id = MediaId(vault.new_id())
    with vault.database.begin() as work:
        work.media.add(
            [NewFile(media_id, other.patient_id, Attachment("handle", "application/pdf"))]
        )
    with vault.engine.begin() as connection:
        lease(connection, vault, mine)
        report = Report(ReportId(vault.new_id()), DETAILS)
        filing = Filing(vault_of(other.patient_id), report, (ReportFile(media_id),))
        with pytest.raises(ProgrammingError, match="row-level security"):
            PostgresReports(connection, vault.sealer).add([filing])
    assert vault.one("SELECT count(*) FROM reports") == 0


def test_an_audit_row_cannot_be_written_for_a_closed_vault(vault: Vault) -> None:
    mine, other = vault.patient(), vault.patient()
    with vault.engine.begin() as connection:
        lease(connection, vault, mine)
        entry = Entry(vault.new_id(), vault_of(other.patient_id), Action.REPORT_SENT)
        with pytest.raises(ProgrammingError, match="row-level security"):
            PostgresAudit(connection).append([entry])
    assert vault.one("SELECT count(*) FROM audit") == 0


def test_another_patients_report_cannot_be_filed(vault: Vault) -> None:
    mine, other = vault.patient(), vault.patient()
    theirs = file_report(vault, other)
    with vault.engine.begin() as connection:
        lease(connection, vault, mine)
        assert not PostgresReports(connection, vault.sealer).filed(theirs)
    assert vault.one("SELECT state FROM reports") == "filing"


@pytest.mark.parametrize("ending", ["COMMIT", "ROLLBACK"])
def test_an_opened_vault_is_closed_again_with_the_transaction(vault: Vault, ending: str) -> None:
    patient = vault.patient()
    file_report(vault, patient)
    setting = "SELECT current_setting('medvault.opened', true)"
    with vault.engine.connect() as connection:
        reports = PostgresReports(connection, vault.sealer)
        lease(connection, vault, patient)
        assert len(reports.shelf([patient.patient_id])[patient.patient_id]) == 1
        connection.exec_driver_sql(ending)
        assert reports.shelf([patient.patient_id])[patient.patient_id] == []
        assert connection.exec_driver_sql(setting).scalar_one() in (None, "")


CLAIMED = text("SELECT set_config('medvault.opened', :claim, false)")
COUNT = text("SELECT count(*) FROM reports")


def claim_of(connection: Connection) -> str:
    """The claim that a lease has put into the setting."""
    return str(connection.exec_driver_sql("SHOW medvault.opened").scalar_one())


def test_a_setting_alone_opens_nothing(vault: Vault) -> None:
    patient = vault.patient()
    file_report(vault, patient)
    rows = "{" + str(patient.patient_id) + "}"
    with vault.engine.begin() as connection:
        for claim in (rows, f"{rows} ", f"{rows} {'0' * 64}", f"{rows}  {rows}", "{} ", "x y"):
            connection.execute(CLAIMED, {"claim": claim})
            assert connection.execute(COUNT).scalar_one() == 0, claim
        connection.exec_driver_sql(f"SET medvault.patients = '{rows}'")
        assert connection.execute(COUNT).scalar_one() == 0


def test_a_claim_holds_in_its_own_transaction_only(vault: Vault) -> None:
    patient = vault.patient()
    file_report(vault, patient)
    with vault.engine.connect() as connection:
        lease(connection, vault, patient)
        claim = claim_of(connection)
        assert connection.execute(COUNT).scalar_one() == 1
        with vault.engine.begin() as another:
            another.execute(CLAIMED, {"claim": claim})
            assert another.execute(COUNT).scalar_one() == 0
        connection.rollback()
        connection.execute(CLAIMED, {"claim": claim})
        assert connection.execute(COUNT).scalar_one() == 0


def test_a_claim_cannot_be_made_longer(vault: Vault) -> None:
    mine, other = vault.patient(), vault.patient()
    file_report(vault, other)
    with vault.engine.begin() as connection:
        lease(connection, vault, mine)
        rows, _, proof = claim_of(connection).partition(" ")
        longer = rows.replace("}", f",{other.patient_id}}}")
        connection.execute(CLAIMED, {"claim": f"{longer} {proof}"})
        assert connection.execute(COUNT).scalar_one() == 0


@pytest.mark.parametrize(
    "forbidden",
    [
        "SELECT * FROM lease_secret",
        "SELECT lease_claim('{}')",
        "SELECT open_rows(ARRAY[gen_random_uuid()])",
        "SELECT bury(gen_random_uuid(), 'file', 'raised', NULL, 1, now())",
    ],
)
def test_nobody_makes_a_claim_by_hand(vault: Vault, forbidden: str) -> None:
    with (
        vault.engine.begin() as connection,
        pytest.raises(ProgrammingError, match="permission denied"),
    ):
        connection.exec_driver_sql(forbidden)


@pytest.mark.parametrize(
    "call",
    [
        "lock_out(ARRAY[:id])",
        "tell_conversation(:id, :id, 'vouched', '')",
        "know_identities(ARRAY[:id], ARRAY[:id], '{NULL}', '{}', '{}', '{}', '{}')",
        "link_lane(:id, :id)",
        "bury_state(:id, 'raised', NULL, 1)",
    ],
)
def test_a_function_changes_no_vault_that_is_closed(vault: Vault, call: str) -> None:
    patient = vault.patient()
    with (
        vault.engine.begin() as connection,
        pytest.raises(ProgrammingError, match="nothing was leased"),
    ):
        connection.execute(text(f"SELECT {call}"), {"id": patient.patient_id})


@pytest.mark.parametrize("kind", ["checked", "timed_out", "not_delivered", "doubted", "vouched"])
def test_a_webhook_never_brings_what_medvault_tells_itself(vault: Vault, kind: str) -> None:
    told = text("INSERT INTO inbox (key, subject, kind, content) VALUES (:id, :id, :kind, '')")
    with (
        vault.engine.begin() as connection,
        pytest.raises(ProgrammingError, match="row-level security"),
    ):
        connection.execute(told, {"id": uuid4(), "kind": kind})


def test_a_pooled_connection_forgets_which_vault_was_open(vault: Vault) -> None:
    patient = vault.patient()
    file_report(vault, patient)
    vault.receive(vault.message(patient.subject))
    database, backends = vault.worker(pool_size=1), set()
    for opened in (True, False):
        with database.begin(Transaction.CONVERSE) as work:
            if opened:
                work.conversations.claim([patient.subject], vault.new_id)
            assert seen(work, [patient.patient_id]) == [int(opened)]
        with vault.engine.connect() as connection:
            backends.add(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
    assert len(backends) == 1
