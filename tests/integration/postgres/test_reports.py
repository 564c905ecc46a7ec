"""Reports: filed once, found by their owner only."""

from collections.abc import Sequence
from datetime import date

import pytest
from structlog.testing import capture_logs

from medvault.domain.errors import Permanent
from medvault.domain.identifiers import MediaId, PersonId, ReportId, vault_of
from medvault.domain.media import Attachment, FileKind
from medvault.domain.place import Place
from medvault.domain.reports import Report, ReportDetails, ReportFile, ReportType
from medvault.ports.vault import Filing, NewFile, Owned, StoredFile
from support.vaults import Vault

DETAILS = ReportDetails(date(2026, 5, 2), "सिटी अस्पताल", ReportType.IMAGING, "scan.pdf")


def filing(vault: Vault, patient_id: PersonId, *, scanned: bool = True) -> tuple[Report, MediaId]:
    """A report that its patient has just confirmed, and its file."""
    media_id, report = MediaId(vault.new_id()), Report(ReportId(vault.new_id()), DETAILS, scanned)
    with vault.database.begin() as work:
        work.media.add([NewFile(media_id, patient_id, Attachment("4711", "application/pdf"))])
        work.media.stored(media_id, FileKind.PDF, 2_000_000_000)
        work.reports.add([Filing(vault_of(patient_id), report, (ReportFile(media_id),))])
    return report, media_id


def shelf(vault: Vault, patient_id: PersonId) -> Sequence[Report]:
    """The reports that a patient has."""
    with vault.database.begin() as work:
        return work.reports.shelf([patient_id])[patient_id]


def test_a_report_is_on_the_shelf_as_it_was_confirmed(vault: Vault) -> None:
    patient_id = vault.patient().patient_id
    scanned, _ = filing(vault, patient_id)
    unscanned, _ = filing(vault, patient_id, scanned=False)
    assert sorted(shelf(vault, patient_id), key=lambda report: report.id) == [scanned, unscanned]


def of_two(vault: Vault, patient_id: PersonId) -> tuple[Report, list[MediaId]]:
    """A report of two files, of which a copy is kept of the second, and the files."""
    media = [MediaId(vault.new_id()), MediaId(vault.new_id())]
    report = Report(ReportId(vault.new_id()), DETAILS, positions=(1, 2))
    files = (ReportFile(media[0]), ReportFile(media[1], 2, copied=True))
    with vault.database.begin() as work:
        work.media.add(
            [NewFile(id, patient_id, Attachment("4711", "application/pdf")) for id in media]
        )
        for id in media:
            work.media.stored(id, FileKind.PDF, 100)
        work.reports.add([Filing(vault_of(patient_id), report, files)])
    return report, media


def test_a_report_of_two_files_is_one_on_the_shelf_and_has_them_in_order(vault: Vault) -> None:
    patient_id = vault.patient().patient_id
    report, media = of_two(vault, patient_id)
    assert shelf(vault, patient_id) == [report]
    with vault.database.begin() as work:
        (found,) = work.reports.find([Owned(patient_id, report.id)]).values()
    vault_id = vault_of(patient_id)
    places = Place.file(media[0], vault_id), Place.copy(media[1], vault_id)
    keys = f"reports/{report.id}", f"reports/{report.id}-2"
    assert found.files == tuple(
        StoredFile(position, key, place, FileKind.PDF, 100)
        for position, (key, place) in enumerate(zip(keys, places, strict=True), start=1)
    )
    assert found.at(2) == found.files[1]
    with pytest.raises(Permanent, match="no file at this position"):
        found.at(3)


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE report_files SET position = 3 WHERE position = 1",
        "UPDATE report_files f SET media_id = o.media_id FROM report_files o WHERE o <> f",
        "UPDATE report_files SET media_id = (SELECT min(media_id::text)::uuid FROM report_files)",
        "DELETE FROM report_files WHERE position = 2",
        "DELETE FROM report_files",
    ],
)
def test_a_report_whose_rows_name_other_files_is_left_out_aloud(vault: Vault, edit: str) -> None:
    patient_id = vault.patient().patient_id
    report, _ = of_two(vault, patient_id)
    vault.sql(edit)
    fine, _ = filing(vault, patient_id)
    with capture_logs() as logs, vault.database.begin() as work:
        both = [Owned(patient_id, report.id), Owned(patient_id, fine.id)]
        assert list(work.reports.find(both)) == both[1:]
    assert [log["report_id"] for log in logs] == [report.id]


def test_an_empty_shelf_is_empty(vault: Vault) -> None:
    patient_id = vault.patient().patient_id
    assert shelf(vault, patient_id) == []
    with vault.database.begin() as work:
        assert work.reports.shelf([]) == {}
        assert work.reports.find([]) == {}


def test_a_report_is_filed_once(vault: Vault) -> None:
    patient_id = vault.patient().patient_id
    report, media_id = filing(vault, patient_id)
    for first in (True, False):
        with vault.database.begin() as work:
            [found] = work.reports.find([Owned(patient_id, report.id)]).values()
            assert found.filed is not first
            assert work.reports.filed(report.id) is first
    assert (found.report, found.vault_id) == (report, vault_of(patient_id))
    place = Place.file(media_id, vault_of(patient_id))
    assert found.files == (
        StoredFile(1, f"reports/{report.id}", place, FileKind.PDF, 2_000_000_000),
    )


def test_only_the_owner_finds_a_report_even_where_both_vaults_are_open(vault: Vault) -> None:
    owner, other = vault.patient().patient_id, vault.patient().patient_id
    report, _ = filing(vault, owner)
    theirs, _ = filing(vault, other)
    with vault.database.begin() as work:
        found = work.reports.find(
            [Owned(owner, report.id), Owned(owner, theirs.id), Owned(other, report.id)]
        )
        assert list(found) == [(owner, report.id)]
        assert found[Owned(owner, report.id)].vault_id == vault_of(owner)
        shelves = work.reports.shelf([owner, other])
    assert shelves == {owner: [report], other: [theirs]}


def test_a_report_that_cannot_be_opened_is_left_out_aloud(vault: Vault) -> None:
    patient_id = vault.patient().patient_id
    broken, _ = filing(vault, patient_id)
    fine, _ = filing(vault, patient_id)
    vault.sql("UPDATE reports SET sealed = 'junk' WHERE id = :id", id=broken.id)
    with capture_logs() as logs:
        assert shelf(vault, patient_id) == [fine]
    assert [(log["log_level"], log["report_id"]) for log in logs] == [("warning", broken.id)]
    with vault.database.begin() as work:
        both = [Owned(patient_id, broken.id), Owned(patient_id, fine.id)]
        assert [id for _, id in work.reports.find(both)] == [fine.id]


@pytest.mark.parametrize("edit", ["kind = NULL", "kind = 'exe'", "size = NULL"])
def test_a_file_of_which_nobody_knows_what_it_is_holds_up_no_other(vault: Vault, edit: str) -> None:
    patient_id = vault.patient().patient_id
    odd, media_id = filing(vault, patient_id)
    fine, _ = filing(vault, patient_id)
    vault.sql(f"UPDATE media SET {edit} WHERE id = :id", id=media_id)
    with vault.database.begin() as work:
        both = [Owned(patient_id, odd.id), Owned(patient_id, fine.id)]
        assert list(work.reports.find(both)) == both[1:]


def test_the_details_of_one_report_do_not_open_as_anothers(vault: Vault) -> None:
    patient_id = vault.patient().patient_id
    mine, _ = filing(vault, patient_id)
    other, _ = filing(vault, patient_id)
    vault.sql(
        "UPDATE reports SET sealed = (SELECT sealed FROM reports WHERE id = :other) WHERE id = :id",
        id=mine.id,
        other=other.id,
    )
    assert shelf(vault, patient_id) == [other]
