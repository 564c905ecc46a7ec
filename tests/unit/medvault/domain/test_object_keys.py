"""Keys of objects: those of a report's first file are as they were when it had one alone."""

from uuid import UUID

from medvault.domain.identifiers import ReportId
from medvault.domain.object_keys import original, report

ID = ReportId(UUID(int=1))


def test_the_first_file_of_a_report_lies_where_its_only_one_lay() -> None:
    assert report(ID) == report(ID, 1) == f"reports/{ID}"
    assert original(ID) == original(ID, 1) == f"reports/{ID}-original"


def test_no_two_files_of_a_report_lie_in_one_place() -> None:
    keys = [key(ID, position) for position in range(1, 31) for key in (report, original)]
    assert len(set(keys)) == len(keys)
    assert report(ID, 2) == f"reports/{ID}-2"
    assert original(ID, 2) == f"reports/{ID}-2-original"
