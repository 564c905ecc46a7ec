"""A patient may type every label that is shown to be tapped, also as a phone or keyboard has it."""

from collections.abc import Callable
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvault.domain.conversation.state import Conversation, FilingState, Step
from medvault.domain.saying import wording
from medvault.domain.saying.titles import titles
from medvault.domain.understanding import answers
from medvault.locales.catalogues import codes
from support.patients import Heard, Patient, reports

FORMS: dict[str, Callable[[str, str], str]] = {
    "as it is": lambda title, _: title,
    "as a phone cuts it": lambda title, _: title.removesuffix("…"),
    "as a keyboard has it": lambda title, _: title.replace("…", "..."),
    "as a copy of its row": lambda title, about: f"{title}\n{about}".strip(),
}
LANGUAGES = st.sampled_from(["en", *codes()])
NAMES = st.lists(
    st.sampled_from(
        [
            "Apollo Hospital Chennai North",
            "Apollo Hospital Chennai South",
            "City",
            "Help",
            "GET 1",
            "My reports",
            "Cancel Clinic",
            "2. City",
            "Ａ clinic",
            "today",
            "Date",
            '"City"',
        ]
    ).filter(lambda name: answers.hospital(name) is not None)
    | st.text(min_size=2, max_size=80).map(answers.hospital).filter(lambda name: name is not None),
    max_size=3,
    unique_by=lambda name: str(name).casefold(),
)


def shown(heard: Heard) -> list[tuple[str, str, str]]:
    """Title, description and id of all that can be tapped."""
    buttons = [(one.title, "", one.id) for reply in heard.replies for one in reply.buttons]
    return buttons + [
        (one.title, one.description, one.id) for reply in heard.replies for one in reply.rows
    ]


def expect_the_same(patient: Patient, heard: Heard) -> None:
    for title, about, id in shown(heard):
        tapped = deepcopy(patient)
        effects = tapped.taps(id).effects
        for form in FORMS.values():
            typed = deepcopy(patient)
            assert typed.says(form(title, about)).effects == effects, (title, about)
            assert typed.state == tapped.state


@given(
    names=NAMES,
    step=st.sampled_from([Step.DATE, Step.HOSPITAL, Step.TYPE, Step.CONFIRM]),
    code=LANGUAGES,
)
def test_what_a_question_offers_can_be_typed(names: list[str], step: Step, code: str) -> None:
    filing = FilingState(hospitals=tuple(names))
    patient = Patient(Conversation(greeted=True, filing=filing, language=code))
    expect_the_same(patient, patient.comes_to(step))
    expect_the_same(patient, patient.says("HELP"))
    if step is Step.CONFIRM:
        expect_the_same(patient, patient.says(titles(patient.language).change))


@given(
    count=st.integers(0, 25),
    pages=st.integers(0, 2),
    step=st.none() | st.sampled_from(Step),
    code=LANGUAGES,
)
def test_what_a_list_offers_can_be_typed(
    count: int, pages: int, step: Step | None, code: str
) -> None:
    patient = Patient(Conversation(greeted=True, language=code), shelf=reports(count))
    if step:
        patient.comes_to(step)
    expect_the_same(patient, patient.says("LIST"))
    for _ in range(pages):
        expect_the_same(patient, patient.says("MORE"))


def test_what_is_offered_between_questions_can_be_typed() -> None:
    patient = Patient(shelf=reports(3))
    expect_the_same(patient, patient.says("hello"))
    patient.files()
    heard = Heard(())
    for answer in ("2 May 2019", "City", "Lab test", "YES"):
        if patient.state.filing.step is Step.IDLE:
            patient.hears_of(patient.sends())
        heard = patient.says(answer)
    (receipt,) = heard.receipts
    for button in receipt.buttons:
        tapped, typed = deepcopy(patient), deepcopy(patient)
        assert typed.says(button.title).effects == tapped.taps(button.id).effects


def test_what_opens_a_list_shows_it() -> None:
    patient = Patient(shelf=reports(3))
    assert patient.says(wording.LIST_MENU).effects == patient.says("LIST").effects
    asked = patient.comes_to(Step.TYPE)
    assert patient.says(wording.TYPE_MENU).replies == asked.replies


@pytest.mark.parametrize("step", [Step.DATE, Step.HOSPITAL, Step.TYPE, Step.CONFIRM])
def test_while_a_pin_is_asked_for_too(step: Step) -> None:
    patient = Patient(shelf=reports(12))
    listed = patient.says("LIST")
    patient.comes_to(step)
    expect_the_same(patient, patient.says("SET PIN"))
    expect_the_same(patient, listed)
    patient.says("482913")
    expect_the_same(patient, patient.says("482913"))


@pytest.mark.parametrize("text", ["1. 3 May 2019", "26. 2 May 2019", "1. City"])
def test_what_was_not_listed_is_no_label(text: str) -> None:
    patient = Patient(shelf=reports(3))
    patient.says("LIST")
    assert patient.says(text).sent == []


def test_in_the_middle_of_filing_a_row_of_the_list_is_no_answer() -> None:
    patient = Patient(shelf=reports(3))
    heard = patient.says("LIST")
    patient.comes_to(Step.HOSPITAL)
    (title, about, _) = shown(heard)[0]
    for text in (title, f"{title} {about}"):
        assert len(patient.says(text).sent) == 1
        assert patient.state.filing.step is Step.HOSPITAL
