"""Two releases tell a report's files side by side: the one before by a column, this one by rows."""

import json
from collections.abc import Iterator
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import text

from medvault.adapters.postgres.schema import migrate
from medvault.domain.identifiers import MediaId, PersonId, ReportId, vault_of
from medvault.domain.media import Attachment, FileKind
from medvault.domain.place import Place
from medvault.domain.reports import Report, ReportDetails, ReportFile, ReportType
from medvault.ports.vault import Filing, NewFile, Owned
from support.servers.postgres import Postgres
from support.stack.release import BEFORE
from support.vaults import Vault, migrated_to

DETAILS = ReportDetails(date(2026, 5, 2), "City Hospital", ReportType.LAB)
SAID = {"date": "2026-05-02", "hospital": "City Hospital", "type": "lab", "filename": None}
FILE = """
INSERT INTO media (id, patient_id, sealed, kind, size)
VALUES (:media, :patient, '', 'application/pdf', 1)
"""
REPORT = """
INSERT INTO reports (id, patient_id, media_id, scanned, sealed)
VALUES (:report, :patient, :media, true, :sealed)
"""
FIRST = "SELECT media_id FROM reports WHERE id = :report"


@pytest.fixture
def vault(postgres: Postgres) -> Iterator[Vault]:
    """A vault as the release before left it."""
    url = postgres.new_database()
    with postgres.making_roles():
        migrated_to(url, BEFORE)
    vault = Vault(url)
    yield vault
    vault.close()
    postgres.drop_database(url)


def patient(vault: Vault) -> PersonId:
    id = PersonId(vault.new_id())
    vault.sql("INSERT INTO patients (id) VALUES (:id)", id=id)
    return id


def filed_before(vault: Vault, patient_id: PersonId) -> tuple[UUID, UUID]:
    """A report that the release before files, and its file."""
    report_id, media_id = ReportId(vault.new_id()), vault.new_id()
    place = Place.report(report_id, vault_of(patient_id))
    sealed = vault.sealer.seal(json.dumps(SAID).encode(), place)
    vault.sql(FILE, media=media_id, patient=patient_id)
    vault.sql(REPORT, report=report_id, patient=patient_id, media=media_id, sealed=sealed)
    return report_id, media_id


def filed_now(vault: Vault, patient_id: PersonId) -> tuple[UUID, UUID]:
    """A report that this release files, and its file."""
    report, media_id = Report(ReportId(vault.new_id()), DETAILS), MediaId(vault.new_id())
    with vault.database.begin() as work:
        work.media.add([NewFile(media_id, patient_id, Attachment("4711", "application/pdf"))])
        work.media.stored(media_id, FileKind.PDF, 1)
        work.reports.add([Filing(vault_of(patient_id), report, (ReportFile(media_id),))])
    return report.id, media_id


def found(vault: Vault, patient_id: PersonId) -> list[tuple[UUID, UUID]]:
    """Each report of a patient as this release finds it, and its only file."""
    with vault.database.begin() as work:
        ids = [report.id for report in work.reports.shelf([patient_id])[patient_id]]
        stored = work.reports.find([Owned(patient_id, id) for id in ids])
    files = {id: one.files for (_, id), one in stored.items()}
    return sorted((id, file.place.row) for id, (file,) in files.items())


def test_reports_of_both_releases_have_their_files_before_and_after_the_contract(
    vault: Vault,
) -> None:
    owner = patient(vault)
    reports = [filed_before(vault, owner)]
    migrate(vault.owner)
    assert found(vault, owner) == reports
    reports += [filed_before(vault, owner), filed_now(vault, owner)]
    assert found(vault, owner) == reports
    named = [(report, vault.one(FIRST, report=report)) for report, _ in reports]
    assert named == reports, "the release before finds all of them, should it come back"
    migrate(vault.owner, contract=True)
    reports.append(filed_now(vault, owner))
    assert found(vault, owner) == reports


def test_the_services_of_the_release_before_list_a_file_without_a_right_to_its_table(
    vault: Vault,
) -> None:
    owner, media_id = patient(vault), vault.new_id()
    migrate(vault.owner)
    vault.sql(FILE, media=media_id, patient=owner)
    values = {"report": vault.new_id(), "patient": owner, "media": media_id, "sealed": b""}
    with vault.engine.begin() as connection:
        connection.exec_driver_sql(f"SET LOCAL medvault.patients = '{{{owner}}}'")
        connection.execute(text(REPORT), values)
    assert vault.sql("SELECT position, media_id, patient_id FROM report_files") == [
        (1, media_id, owner)
    ]


def test_an_expand_step_that_was_interrupted_is_gone_through_again(vault: Vault) -> None:
    owner = patient(vault)
    reports = [filed_before(vault, owner)]
    migrate(vault.owner)
    vault.sql("DELETE FROM report_files")
    vault.sql("UPDATE alembic_version SET version_num = '0017'")
    reports.append(filed_now(vault, owner))
    migrate(vault.owner)
    assert found(vault, owner) == reports


def test_the_contract_lists_what_no_trigger_has_listed(vault: Vault) -> None:
    owner = patient(vault)
    migrate(vault.owner)
    vault.sql("ALTER TABLE reports DISABLE TRIGGER file_is_listed")
    reports = [filed_before(vault, owner)]
    assert found(vault, owner) == []
    migrate(vault.owner, contract=True)
    assert found(vault, owner) == reports
