import random
from datetime import timedelta
from uuid import UUID

import pytest

from medvault.domain.identifiers import ReportId
from medvault.domain.reports import Report, ReportDetails, ReportType
from medvault.domain.saying import wording
from medvault.domain.saying.rendering import render
from support.patients import TODAY, Patient, breaches, reports


def _patient(count: int) -> Patient:
    shelf = reports(count)
    random.Random(7).shuffle(shelf)
    return Patient(shelf=shelf)


def _clinics(patient: Patient, said: str) -> list[str]:
    rows = [row for reply in patient.says(said).replies for row in reply.rows]
    return [row.description.rsplit(", ", 1)[1] for row in rows]


def test_an_empty_vault_says_how_to_start() -> None:
    patient = Patient()
    for said in ("LIST", "MORE", "GET 1"):
        assert patient.says(said).text == wording.NO_REPORTS


def test_the_list_is_newest_first_in_pages_of_ten() -> None:
    patient = _patient(23)
    pages = [_clinics(patient, said) for said in ("LIST", "MORE", "more", "MORE")]
    assert [len(page) for page in pages] == [10, 10, 3, 0]
    assert [clinic for page in pages for clinic in page] == [
        f"Clinic {n}" for n in range(22, -1, -1)
    ]
    assert patient.says("MORE").text == wording.NO_MORE


def test_a_page_says_where_it_stands() -> None:
    patient = _patient(12)
    first, second = patient.says("LIST").text, patient.says("MORE").text
    assert "1 to 10 of 12" in first
    assert wording.LIST_MORE in first
    assert "11 to 12 of 12" in second
    assert wording.LIST_MORE not in second


def test_reports_of_one_day_come_last_filed_first() -> None:
    same = [
        Report(ReportId(UUID(int=n)), ReportDetails(TODAY, f"Clinic {n}", ReportType.LAB))
        for n in (1, 3, 2)
    ]
    assert _clinics(Patient(shelf=same), "LIST") == ["Clinic 3", "Clinic 2", "Clinic 1"]


def test_more_without_a_list_starts_one() -> None:
    assert len(_clinics(_patient(3), "MORE")) == 3


def test_get_gives_the_report_of_that_number() -> None:
    patient = _patient(12)
    patient.says("LIST")
    heard = patient.says("GET 2")
    assert [report.details.hospital for report in heard.sent] == ["Clinic 10"]
    assert heard.recorded == ["report.requested"]


def test_a_bare_number_after_a_list_is_enough() -> None:
    patient = _patient(3)
    patient.says("LIST")
    assert [report.details.hospital for report in patient.says("3").sent] == ["Clinic 0"]


def test_a_bare_number_without_a_list_means_nothing() -> None:
    assert _patient(3).says("3").sent == []


def test_a_bare_number_amid_a_question_is_its_answer() -> None:
    patient = _patient(3)
    patient.says("LIST")
    patient.comes_to("type")
    assert patient.says("1").sent == []
    assert patient.state.filing.step == "confirm"


@pytest.mark.parametrize("number", ["0", "11", "12", "13", "999999999999", "9" * 200])
def test_what_was_not_seen_yet_can_not_be_got_by_number(number: str) -> None:
    patient = _patient(12)
    patient.says("LIST")
    heard = patient.says(f"GET {number}")
    assert heard.sent == []
    assert "ends at number 10" in heard.text
    patient.says("MORE")
    assert len(patient.says("GET 12").sent) == 1


def test_get_without_a_number_says_how() -> None:
    patient = _patient(1)
    assert patient.says("GET").text == wording.GET_HOW


def test_get_before_any_list_shows_the_list_first() -> None:
    heard = _patient(3).says("GET 1")
    assert heard.sent == []
    assert heard.text.startswith(wording.GET_LIST_FIRST)
    assert len(heard.replies[0].rows) == 3


def test_numbers_stay_although_reports_are_filed_in_between() -> None:
    patient = _patient(15)
    first = _clinics(patient, "LIST")
    patient.files(day="today", hospital="Newest")
    assert patient.says("GET 1").sent[0].details.hospital == first[0]
    second = _clinics(patient, "MORE")
    assert "Newest" not in second
    assert first + second == [f"Clinic {n}" for n in range(14, -1, -1)]
    assert patient.says("MORE").text == wording.NO_MORE
    assert _clinics(patient, "LIST")[0] == "Newest"


def test_a_tap_on_an_older_list_gives_that_very_report() -> None:
    patient = _patient(3)
    ids = patient.says("LIST").ids
    patient.files(day="today")
    patient.says("LIST")
    oldest = next(id for title, id in ids.items() if title.startswith("3."))
    assert [report.details.hospital for report in patient.taps(oldest).sent] == ["Clinic 0"]


def test_every_report_of_a_very_full_vault_can_be_reached() -> None:
    patient = _patient(1234)
    seen = _clinics(patient, "LIST")
    while page := _clinics(patient, "MORE"):
        seen += page
    assert seen == [f"Clinic {n}" for n in range(1233, -1, -1)]
    assert patient.says("GET 1234").sent[0].details.hospital == "Clinic 0"


def test_a_first_look_at_a_full_vault_keeps_the_state_small() -> None:
    patient = _patient(1234)
    patient.says("LIST")
    assert len(patient.state.browsing.listed) == 100


def test_a_report_that_nobody_scanned_is_marked() -> None:
    details = ReportDetails(TODAY, "Apollo", ReportType.LAB)
    patient = Patient(shelf=[Report(ReportId(UUID(int=1)), details, scanned=False)])
    row = patient.says("LIST").replies[0].rows[0]
    assert row.description == "not scanned, Lab test, Apollo"
    assert row.title == "1. 23 November 2026"


def test_rows_stay_within_the_channels_limits() -> None:
    longest = [
        Report(
            ReportId(UUID(int=n)),
            ReportDetails(TODAY - timedelta(days=61), "W" * 80, kind),
            scanned=False,
        )
        for n, kind in enumerate([*ReportType, *ReportType], start=1)
    ]
    patient = Patient(shelf=longest)
    for said in ("LIST", "MORE"):
        for reply in patient.says(said).replies:
            assert breaches(reply) == []
            assert all(row.description.endswith("…") for row in reply.rows)


@pytest.mark.parametrize("spelling", ["{0.hex}", "{0}"])
def test_a_strangers_report_is_refused_like_an_unknown_one_and_audited(spelling: str) -> None:
    patient, stranger = _patient(2), _patient(0)
    report_id = patient.shelf[0].id
    heard = stranger.taps(f"report:{spelling.format(report_id)}")
    unknown = stranger.taps(f"report:{spelling.format(UUID(int=42))}")
    assert heard.sent == unknown.sent == []
    assert heard.text == unknown.text == wording.GET_REFUSED
    assert heard.recorded == unknown.recorded == ["report.refused"]


def test_looking_at_the_list_is_audited() -> None:
    assert _patient(1).says("LIST").recorded == ["reports.listed"]


def test_the_list_can_be_asked_for_by_tapping() -> None:
    patient = _patient(2)
    assert len(patient.taps(patient.says("hello").ids["My reports"]).replies[0].rows) == 2
    patient.comes_to("confirm")
    (button,) = render(patient.says("YES").filed[0].told).buttons
    assert len(patient.taps(button.id).replies[0].rows) == 3
