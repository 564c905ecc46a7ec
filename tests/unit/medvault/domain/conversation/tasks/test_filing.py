import pytest

from medvault.domain.conversation.effects import ShowTyping
from medvault.domain.conversation.state import FilingState, Step
from medvault.domain.media import Verdict
from medvault.domain.reports import ReportFile, ReportType
from medvault.domain.saying import wording
from medvault.domain.saying.language import ENGLISH
from medvault.domain.saying.rendering import render
from support.patients import TODAY, Patient, breaches


def test_a_report_is_filed_by_typing() -> None:
    patient = Patient()
    media_id = patient.sends("scan.pdf")
    assert "What date" in patient.hears_of(media_id).text
    assert "Date: 2 May 2019" in patient.says("2/5/2019").text
    assert "From: Apollo Clinic" in patient.says(" Apollo \n Clinic ").text
    summary = patient.says("blood test").text
    assert all(said in summary for said in ("2 May 2019", "Apollo Clinic", "Lab test"))
    (filed,) = patient.says("yes").filed
    assert (filed.files, filed.report.scanned) == ((ReportFile(media_id),), True)
    details = filed.report.details
    assert (details.date.isoformat(), details.hospital) == ("2019-05-02", "Apollo Clinic")
    assert (details.type, details.filename) == (ReportType.LAB, "scan.pdf")
    assert "Filed" in render(filed.told, ENGLISH).body
    assert patient.state.filing.step is Step.IDLE


def test_a_report_is_filed_by_tapping() -> None:
    patient = Patient()
    patient.files(hospital="Apollo Clinic")
    heard = patient.hears_of(patient.sends())
    heard = patient.taps(heard.ids["Yesterday"])
    heard = patient.taps(heard.ids["Apollo Clinic"])
    heard = patient.taps(heard.ids["Scan or X-ray"])
    (filed,) = patient.taps(heard.ids["File it"]).filed
    assert filed.report.details.date.isoformat() == "2026-11-22"
    assert filed.report.details.type is ReportType.IMAGING


def test_filing_shows_that_work_goes_on() -> None:
    patient = Patient()
    patient.comes_to("confirm")
    assert ShowTyping() in patient.says("yes").effects


def test_a_file_that_nobody_scanned_is_filed_as_such() -> None:
    patient = Patient()
    patient.hears_of(patient.sends(), Verdict.NOT_SCANNED)
    for answer in ("today", "Apollo", "1"):
        patient.says(answer)
    assert patient.says("ok").filed[0].report.scanned is False


@pytest.mark.parametrize(
    ("step", "bad", "why"),
    [
        ("date", "5", wording.NOT_A_DATE),
        ("date", "👍", wording.NOT_A_DATE),
        ("date", "", wording.NOT_A_DATE),
        ("date", "1/1/2027", wording.FUTURE_DATE),
        ("hospital", "   ", wording.NOT_A_HOSPITAL),
        ("hospital", "x", wording.NOT_A_HOSPITAL),
        ("hospital", "a" * 81, wording.NOT_A_HOSPITAL),
        ("hospital", "👍🏽", wording.NOT_A_HOSPITAL),
        ("type", "whatever", wording.NOT_A_TYPE),
        ("type", "9", wording.NOT_A_TYPE),
        ("type", "", wording.NOT_A_TYPE),
        ("confirm", "perhaps", wording.NOT_A_CONFIRMATION),
        ("confirm", "", wording.NOT_A_CONFIRMATION),
    ],
)
def test_a_bad_answer_is_explained_and_the_same_question_stays_open(
    step: str, bad: str, why: str
) -> None:
    patient = Patient()
    asked = patient.comes_to(step)
    before = patient.state
    heard = patient.says(bad)
    assert heard.replies[0].body.startswith(why)
    assert heard.ids == asked.ids
    assert (patient.state.filing.step, patient.state.turn) == (before.filing.step, before.turn)
    assert patient.state.filing.draft == before.filing.draft


@pytest.mark.parametrize("command", ["LIST", "MORE", "GET 1", "GET 99", "GET", "HELP"])
@pytest.mark.parametrize("step", ["date", "hospital", "type", "confirm"])
def test_a_command_amid_a_question_is_obeyed_and_the_question_asked_again(
    step: str, command: str
) -> None:
    patient = Patient()
    patient.files()
    patient.says("LIST")
    asked = patient.comes_to(step)
    turn = patient.state.turn
    heard = patient.says(command)
    assert wording.STILL_OPEN in heard.replies[-1].body
    assert {b.id for b in heard.replies[-1].buttons} == {b.id for b in asked.replies[-1].buttons}
    assert (patient.state.filing.step, patient.state.turn) == (step, turn)


@pytest.mark.parametrize("step", ["checking", "date", "hospital", "type", "confirm"])
def test_cancel_drops_the_file_at_any_step(step: str) -> None:
    patient = Patient()
    patient.comes_to(step) if step != "checking" else patient.sends()
    assert patient.state.filing.draft is not None
    media_id = patient.state.filing.draft.media_id
    heard = patient.says("cancel")
    assert heard.discarded == [media_id]
    assert patient.state.filing == FilingState()
    assert patient.says("cancel").text.startswith(wording.NOTHING_TO_CANCEL)


@pytest.mark.parametrize("step", ["date", "hospital", "confirm"])
def test_cancel_can_be_tapped(step: str) -> None:
    patient = Patient()
    heard = patient.comes_to(step)
    assert len(patient.taps(heard.ids["Cancel"]).discarded) == 1


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Cancel Clinic", "Cancel Clinic"),
        ("Get Well Hospital", "Get Well Hospital"),
        ('"List"', "List"),
    ],
)
def test_a_hospital_may_be_called_like_a_command(said: str, name: str) -> None:
    patient = Patient()
    patient.comes_to("hospital")
    patient.says(said)
    assert patient.state.filing.draft is not None
    assert patient.state.filing.draft.hospital == name


def test_a_second_tap_on_confirm_files_nothing() -> None:
    patient = Patient()
    confirm = patient.comes_to("confirm").ids["File it"]
    assert len(patient.taps(confirm).filed) == 1
    again = patient.taps(confirm)
    assert (again.filed, len(patient.shelf)) == ([], 1)
    assert wording.NOTHING_OPEN in again.text


def test_a_second_tap_on_confirm_does_not_confirm_the_next_file() -> None:
    patient = Patient()
    confirm = patient.comes_to("confirm").ids["File it"]
    patient.hears_of(patient.sends())
    patient.taps(confirm)
    heard = patient.taps(confirm)
    assert heard.filed == []
    assert wording.STALE in heard.text
    assert "What date" in heard.text


def test_a_button_of_an_earlier_question_changes_nothing() -> None:
    patient = Patient()
    old = patient.comes_to("date").ids
    patient.says("2 May 2019")
    before = patient.state
    for tap in old.values():
        heard = patient.taps(tap)
        assert wording.STALE in heard.text
        assert "Which hospital" in heard.text
    assert patient.state == before


FORGED = [
    "", ":", "date", "type:{turn}", "type:{turn}:nonsense", "hospital:{turn}:99",
    "hospital:{turn}:-1",
    "hospital:{turn}:²", "hospital:{turn}:" + "9" * 5000, "report:not-a-uuid", "report:",
    "menu:", "menu:get me",
    "date:{turn}:2999-01-01", "date:{turn}:", "confirm:{turn}x", "confirm:", "change:{turn}:",
    "cancel:-1", "\x00",
    "cancel: {turn}", "filing:{turn}:now", "confirm:" + "1" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("forged", FORGED)
@pytest.mark.parametrize("step", ["checking", "date", "hospital", "type", "confirm", "idle"])
def test_a_forged_tap_changes_nothing(step: str, forged: str) -> None:
    patient = Patient()
    if step == "checking":
        patient.sends()
    elif step != "idle":
        patient.comes_to(step)
    before = patient.state
    heard = patient.taps(forged.format(turn=patient.state.turn))
    assert patient.state == before
    assert heard.text
    assert (heard.filed, heard.sent, heard.discarded) == ([], [], [])


@pytest.mark.parametrize("step", ["date", "hospital", "type", "confirm"])
def test_a_tap_of_this_turn_for_another_step_changes_nothing(step: str) -> None:
    patient = Patient()
    patient.comes_to(step)
    before, turn = patient.state, patient.state.turn
    others = {
        "date": f"date:{turn}:2019-05-02", "hospital": f"hospital:{turn}:0",
        "type": f"type:{turn}:lab",
        "confirm": f"confirm:{turn}",
    }  # fmt: skip
    for other, tap in others.items():
        if other != step:
            assert wording.STALE in patient.taps(tap).text
    assert patient.state == before


@pytest.mark.parametrize(
    ("topic", "title", "answer", "shown"),
    [
        ("date", "Date", "3 May 2019", "Date: 3 May 2019"),
        ("hospital", "Hospital", "Fortis", "From: Fortis"),
        ("kind", "Kind of report", "MRI", "Kind: Scan or X-ray"),
    ],
)
def test_one_answer_is_changed_and_the_others_stay(
    topic: str, title: str, answer: str, shown: str
) -> None:
    for by_tap in (True, False):
        patient = Patient()
        heard = patient.comes_to("confirm")
        if by_tap:
            heard = patient.taps(heard.ids["Change"])
            patient.taps(heard.ids[title])
        else:
            assert "What shall I change" in patient.says("no").text
            patient.says(topic)
        text = patient.says(answer).text
        assert patient.state.filing.step is Step.CONFIRM
        assert shown in text
        before = {"Date: 2 May 2019", "From: Apollo Clinic", "Kind: Lab test"}
        assert sum(line in text for line in before) == 2


def test_while_asked_what_to_change_a_patient_may_still_confirm() -> None:
    patient = Patient()
    heard = patient.comes_to("confirm")
    patient.taps(heard.ids["Change"])
    assert len(patient.taps(heard.ids["File it"]).filed) == 1


def test_the_last_three_hospitals_are_remembered_once_each() -> None:
    patient = Patient()
    for name in ("Alpha", "Beta", "Gamma", "ALPHA", "Delta"):
        patient.files(hospital=name)
    assert patient.state.filing.hospitals == ("Delta", "ALPHA", "Gamma")
    heard = patient.comes_to("hospital")
    assert list(heard.ids)[-3:] == ["Delta", "ALPHA", "Gamma"]
    patient.taps(heard.ids["ALPHA"])
    assert patient.state.filing.draft is not None
    assert patient.state.filing.draft.hospital == "ALPHA"


def test_a_remembered_hospital_can_be_chosen_by_its_number() -> None:
    patient = Patient()
    for name in ("Apollo Hospital Chennai North", "Apollo Hospital Chennai South"):
        patient.files(hospital=name)
    heard = patient.comes_to("hospital")
    assert "2. Apollo Hospital Chennai North" in heard.text
    assert not any(breaches(reply) for reply in heard.replies)
    patient.says("2")
    assert patient.state.filing.draft is not None
    assert patient.state.filing.draft.hospital == "Apollo Hospital Chennai North"


def test_today_is_the_day_of_the_question_even_when_tapped_after_midnight() -> None:
    patient = Patient()
    heard = patient.comes_to("date")
    assert heard.ids["Today"].endswith(TODAY.isoformat())
