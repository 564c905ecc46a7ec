from datetime import date

from medvault.domain.conversation.events import Arrived, Deleted, Edited, Said, SentFile
from medvault.domain.conversation.state import Conversation, Step
from medvault.domain.media import Attachment, Verdict
from medvault.domain.replies import Reply
from medvault.domain.saying import wording
from support.patients import Heard, Patient

PHOTO = Attachment("7", "image/jpeg")


def _asked(caption: str | None = None) -> Patient:
    patient = Patient()
    patient.does(SentFile(PHOTO, caption, "photo"))
    assert patient.state.filing.draft
    patient.hears_of(patient.state.filing.draft.media_id)
    return patient


def _says(patient: Patient, mark: str, text: str) -> Heard:
    return patient.does(Said(text, mark))


def _day(patient: Patient) -> date | None:
    return patient.state.filing.draft.day if patient.state.filing.draft else None


def test_an_edited_answer_counts_and_the_open_question_stays() -> None:
    patient = _asked()
    _says(patient, "a", "2 May 2019")
    _says(patient, "b", "Apollo")
    assert "Lab test" in patient.does(Edited("a", "3 May 2019")).ids
    assert _day(patient) == date(2019, 5, 3)
    patient.does(Edited("b", "City Hospital"))
    _says(patient, "c", "lab")
    summary = patient.does(Edited("c", "MRI")).text
    assert all(word in summary for word in ("3 May 2019", "City Hospital", "Scan or X-ray"))


def test_an_edit_into_nonsense_asks_that_question_again() -> None:
    patient = _asked()
    _says(patient, "a", "2 May 2019")
    assert wording.NOT_A_DATE in patient.does(Edited("a", "2 Mya 2019")).text
    assert patient.state.filing.step is Step.DATE
    patient.does(Edited("a", "4 May 2019"))
    assert (_day(patient), patient.state.filing.step) == (date(2019, 5, 4), Step.HOSPITAL)


def test_an_edit_of_what_was_not_understood_is_as_if_said() -> None:
    patient = _asked()
    _says(patient, "a", "2 Mya 2019")
    patient.does(Edited("a", "2 May 2019"))
    assert _day(patient) == date(2019, 5, 2)


def test_where_nothing_is_asked_an_edit_into_a_command_is_obeyed_and_another_is_not() -> None:
    idle = Patient()
    _says(idle, "a", "LSIT")
    assert wording.NO_REPORTS in idle.does(Edited("a", "LIST")).text
    assert idle.does(Edited("a", "my list")).replies == [Reply(wording.EDIT_TOO_LATE)]


def test_where_nothing_is_asked_a_text_leaves_the_state_as_it_is() -> None:
    idle = Patient()
    before = idle.state
    for mark, text in (("a", "HELP"), ("b", "Where are my X-rays?"), ("c", "LIST")):
        assert _says(idle, mark, text).replies
        assert idle.state == before


def test_an_edit_of_something_else_changes_nothing_and_the_patient_is_told() -> None:
    patient = _asked()
    _says(patient, "a", "hm")
    _says(patient, "b", "2 May 2019")
    before = patient.state.filing.draft
    for mark in ("a", "z"):
        told = patient.does(Edited(mark, "3 May 2019")).text
        assert told.startswith(wording.EDIT_TOO_LATE)
        assert "Which hospital" in told
    assert patient.state.filing.draft == before


def test_an_edit_after_the_report_was_filed_says_what_to_do() -> None:
    patient = _asked()
    for mark, answer in (("a", "2 May 2019"), ("b", "Apollo"), ("c", "lab")):
        _says(patient, mark, answer)
    assert len(_says(patient, "d", "yes").filed) == 1
    for mark in ("photo", "a", "b", "c", "d"):
        heard = patient.does(Edited(mark, "3 May 2019"))
        assert heard.replies == [Reply(wording.EDIT_TOO_LATE)]
        assert (heard.filed, patient.state.filing.draft) == ([], None)


def test_an_edit_of_what_filed_a_report_is_no_answer_about_the_next_file() -> None:
    patient = _asked()
    second = patient.sends("second.pdf")
    patient.hears_of(second)
    for mark, answer in (("a", "2 May 2019"), ("b", "Apollo"), ("c", "lab"), ("d", "yes")):
        _says(patient, mark, answer)
    assert patient.state.filing.draft
    assert patient.state.filing.draft.media_id == second
    assert wording.EDIT_TOO_LATE in patient.does(Edited("d", "3 May 2019")).text
    assert _day(patient) is None


def test_an_edited_caption_answers_the_first_question() -> None:
    patient = _asked("my report")
    patient.does(Edited("photo", "2 May 2019"))
    assert _day(patient) == date(2019, 5, 2)


def test_an_edit_that_whatsapp_does_not_show_is_asked_for() -> None:
    assert _asked().does(Edited()).replies == [Reply(wording.EDIT_UNSEEN)]


def test_a_deleted_file_is_asked_about_no_more_and_is_kept() -> None:
    patient = _asked()
    heard = patient.does(Deleted("photo"))
    assert (heard.text, heard.discarded) == (wording.QUESTION_CLOSED, [])
    assert (patient.state.filing.step, patient.state.filing.deadline) == (Step.IDLE, None)
    assert "What date" in patient.says("hello").text
    patient.says("2 May 2019")
    patient.says("Apollo")
    patient.says("lab")
    assert len(patient.says("yes").filed) == 1


def test_a_deleted_file_makes_way_for_the_next() -> None:
    patient = _asked()
    second = patient.sends("second.pdf")
    patient.hears_of(second)
    heard = patient.does(Deleted("photo"))
    assert "second.pdf" in heard.text
    assert [one.media_id for one in patient.state.filing.waiting] != [second]
    patient.says("cancel")
    assert patient.state.filing.step is Step.DATE


def test_a_file_deleted_while_it_is_checked_is_judged_all_the_same() -> None:
    patient = Patient()
    patient.does(SentFile(PHOTO, None, "photo"))
    assert patient.state.filing.draft
    media_id = patient.state.filing.draft.media_id
    patient.does(Deleted("photo"))
    assert patient.hears_of(media_id, Verdict.CLEAN).replies == []
    assert "What date" in patient.says("hello").text


def test_a_closed_file_is_dropped_by_cancel_and_by_stop() -> None:
    for word in ("CANCEL", "STOP"):
        patient = _asked()
        patient.does(Deleted("photo"))
        assert len(patient.says(word).discarded) == 1
        assert patient.state.filing.waiting == ()


def test_deleting_something_else_changes_nothing() -> None:
    patient = _asked()
    before = patient.state
    assert patient.does(Deleted("other")).effects == ()
    assert patient.state == before


def test_who_opens_the_chat_is_greeted_once() -> None:
    patient = Patient(Conversation())
    assert patient.does(Arrived()).text == wording.WELCOME
    assert patient.does(Arrived()).text == wording.HINT
    asked = _asked()
    assert wording.STILL_OPEN in asked.does(Arrived()).text
