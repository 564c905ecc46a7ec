from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvault.domain.conversation.state import Conversation, Draft, FilingState, Step
from medvault.domain.conversation.tasks.questions import (
    again,
    called,
    change,
    details,
    open_question,
)
from medvault.domain.identifiers import MediaId
from medvault.domain.replies import Reply
from medvault.domain.reports import ReportDetails, ReportType
from medvault.domain.saying import asking
from medvault.domain.saying.asking import described
from medvault.domain.saying.language import ENGLISH
from medvault.domain.saying.messages import Plain
from medvault.domain.saying.rendering import render
from medvault.domain.understanding.answers import hospital
from support.patients import TODAY, breaches

DRAFT = Draft(
    MediaId(UUID(int=1)),
    day=date(2019, 5, 2),
    hospital="Apollo",
    type=ReportType.LAB,
    filename="a.pdf",
)
NAMES = st.text(max_size=90).map(hospital).filter(lambda name: name is not None)


def _asked(state: Conversation) -> Reply:
    question = open_question(state, TODAY)
    assert question is not None
    return render(question)


def _asking(step: Step, **more: object) -> Conversation:
    filing = FilingState(step, DRAFT, **more)  # type: ignore[arg-type]
    return Conversation(turn=7, filing=filing)


@pytest.mark.parametrize("step", [Step.IDLE, Step.CHECKING])
def test_nothing_is_asked_without_a_checked_file(step: Step) -> None:
    assert open_question(_asking(step), TODAY) is None


@pytest.mark.parametrize("step", [Step.DATE, Step.HOSPITAL, Step.TYPE, Step.CONFIRM])
def test_every_answer_carries_the_turn(step: Step) -> None:
    question = _asked(_asking(step, hospitals=("A1", "B2")))
    ids = [button.id for button in question.buttons] + [row.id for row in question.rows]
    assert {id.split(":")[1] for id in ids} == {"7"}


@given(st.lists(NAMES, max_size=3), st.sampled_from([Step.DATE, Step.HOSPITAL, Step.TYPE]))
def test_no_names_of_hospitals_break_the_channels_limits(names: list[str], step: Step) -> None:
    state = _asking(step, hospitals=tuple(names))
    question = _asked(state)
    assert breaches(question) == []
    assert breaches(render(again(state, Plain.NOT_A_HOSPITAL, TODAY))) == []


@pytest.mark.parametrize(
    "names",
    [
        ("Apollo Hospital Chennai North", "Apollo Hospital Chennai South"), ("Cancel",),
        ("cancel", "CANCEL "),
        ("Same", "SAME"), ("A" * 80, "A" * 79), ("2. A" * 10, "A" * 30),
    ],
)  # fmt: skip
def test_names_that_look_alike_on_buttons_are_numbered(names: tuple[str, ...]) -> None:
    question = _asked(_asking(Step.HOSPITAL, hospitals=names))
    assert [b.title[:3] for b in question.buttons][: len(names)] == ["1. ", "2. "][: len(names)]
    assert breaches(question) == []


def test_short_names_are_on_the_buttons_as_they_are() -> None:
    question = _asked(_asking(Step.HOSPITAL, hospitals=("Apollo", "Fortis")))
    assert [button.title for button in question.buttons] == ["Apollo", "Fortis", "Cancel"]
    assert "1." not in question.body


def test_the_question_for_the_date_names_the_file_and_counts_those_behind_it() -> None:
    behind = (Draft(MediaId(UUID(int=2))), Draft(MediaId(UUID(int=3))))
    bodies = [
        _asked(_asking(Step.DATE, waiting=waiting)).body for waiting in ((), behind[:1], behind)
    ]
    assert all("“a.pdf”" in body for body in bodies)
    assert ["One more" in body for body in bodies] == [False, True, False]
    assert ["2 more" in body for body in bodies] == [False, False, True]


def test_a_change_offers_all_three_answers() -> None:
    reply = render(change(_asking(Step.CONFIRM)))
    assert [b.id for b in reply.buttons] == ["change:7:date", "change:7:hospital", "change:7:type"]
    assert breaches(reply) == []


@given(st.none() | st.text(max_size=400))
def test_any_file_name_is_fit_to_be_shown(filename: str | None) -> None:
    shown = asking.called(called(Draft(MediaId(UUID(int=1)), filename)))
    assert len(shown) <= 60
    assert "\n" not in shown


def test_a_report_is_described_in_words() -> None:
    found = details(DRAFT)
    assert found == ReportDetails(date(2019, 5, 2), "Apollo", ReportType.LAB, "a.pdf")
    assert described(found, ENGLISH) == {
        "day": "2 May 2019",
        "hospital": "Apollo",
        "type": "Lab test",
    }


def test_a_report_without_all_answers_is_no_report() -> None:
    with pytest.raises(ValueError, match="not described"):
        details(Draft(MediaId(UUID(int=1))))
