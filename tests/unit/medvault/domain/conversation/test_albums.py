import itertools

import pytest

from medvault.domain.conversation.effects import Fetch
from medvault.domain.conversation.events import SentFile
from medvault.domain.conversation.state import Conversation, Step
from medvault.domain.media import Attachment, Verdict
from medvault.domain.reports import ReportFile
from medvault.domain.saying import verdicts, wording
from support.patients import Patient

PHOTO = SentFile(Attachment("7", "image/jpeg"))
ANSWERS = ("today", "Apollo", "lab", "yes")


def test_ten_photos_are_fetched_and_get_one_greeting_and_no_other_answer() -> None:
    patient = Patient(Conversation())
    heard = [patient.does(PHOTO) for _ in range(10)]
    assert [type(e) for h in heard for e in h.effects].count(Fetch) == 10
    assert [h.text for h in heard] == [wording.WELCOME] + [""] * 9
    assert len(patient.state.filing.waiting) == 9


@pytest.mark.parametrize("order", [range(10), range(9, -1, -1), (4, 0, 9, 1, 8, 2, 7, 3, 6, 5)])
def test_an_album_is_filed_one_by_one_in_the_order_sent_whatever_the_checks_order(
    order: range,
) -> None:
    patient = Patient()
    media_ids = [patient.sends() for _ in range(10)]
    said = [patient.hears_of(media_ids[n]).replies for n in order]
    assert sum(map(len, said)) == 1
    filed = [patient.says(answer).filed for _ in range(10) for answer in ANSWERS]
    assert [one.files for one in itertools.chain(*filed)] == [(ReportFile(id),) for id in media_ids]
    assert patient.state.filing.step is Step.IDLE


def test_the_question_counts_down_what_waits() -> None:
    patient = Patient()
    media_ids = [patient.sends() for _ in range(3)]
    heard = [patient.hears_of(media_id) for media_id in media_ids]
    assert "2 more wait" in heard[0].text
    assert "One more waits" in [patient.says(answer) for answer in ANSWERS][-1].text


def test_files_sent_amid_a_question_are_confirmed_once() -> None:
    patient = Patient()
    patient.comes_to("hospital")
    heard = [patient.does(PHOTO) for _ in range(10)]
    assert heard[0].text.startswith(wording.WAITS_ITS_TURN)
    assert "Which hospital" in heard[0].text
    assert [h.text for h in heard[1:]] == [""] * 9


def test_a_refused_file_of_an_album_is_told_and_the_others_go_on() -> None:
    patient = Patient()
    first, second, third = patient.sends(), patient.sends("b.pdf"), patient.sends()
    patient.hears_of(first)
    heard = patient.hears_of(second, Verdict.ENCRYPTED)
    assert heard.text == f"About “b.pdf”: {verdicts.REFUSED[Verdict.ENCRYPTED]}"
    assert patient.state.filing.step is Step.DATE
    patient.hears_of(third)
    for answer in ANSWERS:
        patient.says(answer)
    assert patient.state.filing.draft is not None
    assert patient.state.filing.draft.media_id == third


def test_a_refused_photo_of_an_album_is_one_of_them() -> None:
    patient = Patient()
    media_ids = [patient.sends() for _ in range(2)]
    heard = patient.hears_of(media_ids[1], Verdict.DAMAGED)
    assert heard.text.startswith("About one of your files")


def test_when_the_first_is_refused_the_next_is_asked_about_in_the_same_message() -> None:
    patient = Patient()
    first, second = patient.sends(), patient.sends()
    assert patient.hears_of(second).replies == []
    (reply,) = patient.hears_of(first, Verdict.EMPTY).replies
    assert verdicts.REFUSED[Verdict.EMPTY] in reply.body
    assert "What date" in reply.body


def test_cancel_goes_on_to_the_next_file() -> None:
    patient = Patient()
    first, second, third = patient.sends(), patient.sends(), patient.sends()
    for media_id in (first, second):
        patient.hears_of(media_id)
    heard = patient.says("CANCEL")
    assert heard.discarded == [first]
    assert "What date" in heard.text
    heard = patient.says("CANCEL")
    assert heard.discarded == [second]
    assert wording.CHECKING_NEXT in heard.text
    assert patient.state.filing.step is Step.CHECKING
    assert "What date" in patient.hears_of(third).text


@pytest.mark.parametrize("title", ["Cancel", "File it"])
def test_a_button_of_the_last_file_does_nothing_to_the_next_while_that_is_checked(
    title: str,
) -> None:
    patient = Patient()
    old = patient.comes_to("confirm").ids[title]
    patient.sends()
    patient.says("yes")
    heard = patient.taps(old)
    assert (heard.discarded, heard.filed) == ([], [])
    assert patient.state.filing.step is Step.CHECKING


def test_after_filing_a_patient_hears_that_the_next_file_is_still_checked() -> None:
    patient = Patient()
    patient.hears_of(patient.sends())
    patient.sends()
    assert [patient.says(answer) for answer in ANSWERS][-1].text == wording.CHECKING_NEXT
    assert patient.says("2 May 2019").text == wording.CHECKING


def test_a_scanner_that_is_down_is_mentioned_once_for_an_album() -> None:
    patient = Patient()
    media_ids = [patient.sends() for _ in range(10)]
    heard = [patient.hears_of(media_id, Verdict.WAITING) for media_id in media_ids]
    assert [h.text for h in heard] == [wording.CHECK_WAITS] + [""] * 9
    assert wording.CHECK_WAITS in patient.says("CANCEL").text
    assert "What date" in patient.hears_of(media_ids[1]).text


def test_a_time_out_drops_the_whole_album_and_says_so_once() -> None:
    patient = Patient()
    media_ids = [patient.sends() for _ in range(10)]
    patient.hears_of(media_ids[0])
    heard = patient.times_out()
    assert heard.discarded == media_ids
    assert heard.text == wording.TIMED_OUT.many.format(count=10)
    for media_id in media_ids[1:]:
        assert patient.hears_of(media_id).effects == ()
    assert patient.state.filing.waiting == ()
