from datetime import timedelta
from uuid import UUID

import pytest

from medvault.domain.conversation.effects import LinkIdentity, SetTimer
from medvault.domain.conversation.events import (
    Checked,
    DeliveredLate,
    Event,
    Moved,
    NotDelivered,
    Noticed,
    Rang,
    Said,
    SaidTooMuch,
    SentFile,
    SentTooLarge,
    SentUnusable,
    Tapped,
)
from medvault.domain.conversation.state import SESSION_LIFETIME, Conversation, Step
from medvault.domain.conversation.timers import TimerName
from medvault.domain.identifiers import MediaId, ReportId
from medvault.domain.identity import Contact
from medvault.domain.media import Attachment, Verdict
from medvault.domain.saying import verdicts, wording
from medvault.domain.saying.language import ENGLISH
from medvault.domain.saying.messages import Refused
from medvault.domain.saying.rendering import render
from support.patients import Patient

FILE = SentFile(Attachment("7", "image/jpeg"))
OPEN = ["date", "hospital", "type", "confirm"]


@pytest.mark.parametrize(
    "event",
    [
        Said("Hello"),
        Said("LIST"),
        Said("HELP"),
        SaidTooMuch(),
        Tapped("x"),
        FILE,
        SentTooLarge(),
        SentUnusable(),
    ],
)
def test_a_new_patient_is_greeted_once_ahead_of_the_answer(event: Event) -> None:
    patient = Patient(Conversation())
    heard = patient.does(event)
    assert heard.text.startswith(wording.WELCOME)
    assert len(heard.replies) == 1
    assert wording.WELCOME not in patient.does(event).text + patient.says("hi").text


def test_a_greeting_and_a_first_answer_are_one_message() -> None:
    heard = Patient(Conversation()).says("LIST")
    assert [reply.body for reply in heard.replies] == [f"{wording.WELCOME}\n\n{wording.NO_REPORTS}"]


def test_a_first_hello_gets_the_greeting_and_nothing_else() -> None:
    assert Patient(Conversation()).says("Hello").text == wording.WELCOME


def test_small_talk_gets_a_hint_with_something_to_tap() -> None:
    heard = Patient().says("How are you?")
    assert heard.text == wording.HINT
    assert wording.HELP in Patient().taps(heard.ids["Help"]).text


@pytest.mark.parametrize("text", ["", "   ", "\n", "👍", "\u200b", "x" * 4096])
def test_any_text_without_a_question_gets_the_hint(text: str) -> None:
    assert Patient().says(text).text == wording.HINT


def test_a_text_that_is_too_long_is_answered_with_what_to_do() -> None:
    heard = Patient().does(SaidTooMuch())
    assert [reply.body for reply in heard.replies] == [wording.TOO_LONG]


def test_help_names_a_person_where_the_clinic_has_one() -> None:
    assert "+49 30 1234" in Patient(contact="+49 30 1234").says("HELP").text
    assert wording.CONTACT.partition("{")[0] not in Patient().says("HELP").text


@pytest.mark.parametrize("event", [SaidTooMuch(), SentTooLarge(), SentUnusable()])
def test_what_can_not_be_kept_is_refused_and_the_open_question_asked_again(event: Event) -> None:
    patient = Patient()
    asked = patient.comes_to("date")
    heard = patient.does(event)
    assert wording.STILL_OPEN in heard.text
    assert heard.ids == asked.ids


@pytest.mark.parametrize("step", OPEN)
def test_a_reaction_or_an_edit_is_no_answer(step: str) -> None:
    patient = Patient()
    patient.comes_to(step)
    before = patient.state
    assert patient.does(Noticed()).effects == ()
    assert patient.state == before


@pytest.mark.parametrize("text", ["2 May 2019", "Apollo", "", "YES"])
def test_an_answer_before_the_check_is_over_is_kindly_put_off(text: str) -> None:
    patient = Patient()
    media_id = patient.sends()
    assert patient.says(text).text == wording.CHECKING
    assert "What date" in patient.hears_of(media_id).text


def test_a_caption_that_is_a_date_answers_the_first_question() -> None:
    patient = Patient()
    heard = patient.hears_of(patient.sends(caption="2 May 2019"))
    assert heard.text.startswith("Date: 2 May 2019.")


@pytest.mark.parametrize("caption", ["my blood test", "", "1/1/2999", "LIST", "CANCEL"])
def test_any_other_caption_answers_nothing(caption: str) -> None:
    patient = Patient()
    assert "What date" in patient.hears_of(patient.sends(caption=caption)).text


@pytest.mark.parametrize(
    "verdict", [v for v in Verdict if not v.accepted and v is not Verdict.WAITING]
)
def test_a_refused_file_is_explained_by_its_name_and_recorded(verdict: Verdict) -> None:
    patient = Patient()
    heard = patient.hears_of(patient.sends("scan.pdf"), verdict)
    assert render(Refused(verdict, "scan.pdf", of_many=False), ENGLISH).body == heard.text
    assert "scan.pdf" in heard.text
    assert heard.recorded == ["file.refused"]
    assert (patient.state.filing.step, patient.state.filing.draft) == (Step.IDLE, None)


def test_what_a_file_is_kept_without_is_said_once_before_the_questions() -> None:
    patient = Patient()
    told = verdicts.KEPT_WITHOUT[Verdict.HAS_ACTION]
    heard = patient.hears_of(patient.sends("scan.pdf"), removed=Verdict.HAS_ACTION)
    assert heard.text.startswith(told)
    assert "What date" in heard.text
    after = [patient.says(text).text for text in ("HELP", "2 May 2019", "Apollo", "Lab test")]
    assert not any(told in text for text in after)
    assert [file.copied for one in patient.says("YES").filed for file in one.files] == [True]


def test_it_is_said_of_a_file_that_waited_its_turn() -> None:
    patient = Patient()
    first, second = patient.sends("a.pdf"), patient.sends("b.pdf")
    told = verdicts.KEPT_WITHOUT[Verdict.HAS_MEDIA]
    assert patient.hears_of(second, removed=Verdict.HAS_MEDIA).text == ""
    assert told not in patient.hears_of(first).text
    assert told in patient.says("CANCEL").text


def test_a_check_that_waits_is_told_once_and_goes_on_later() -> None:
    patient = Patient()
    media_id = patient.sends()
    assert patient.hears_of(media_id, Verdict.WAITING).text == wording.CHECK_WAITS
    assert patient.hears_of(media_id, Verdict.WAITING).effects == ()
    assert patient.says("and?").text == wording.CHECK_WAITS
    assert "What date" in patient.hears_of(media_id).text


@pytest.mark.parametrize("step", ["hospital", "type", "confirm"])
@pytest.mark.parametrize("verdict", [Verdict.CLEAN, Verdict.WAITING, Verdict.NOT_SCANNED])
def test_a_repeated_verdict_does_not_begin_anew(step: str, verdict: Verdict) -> None:
    patient = Patient()
    patient.comes_to(step)
    before = patient.state
    assert before.filing.draft is not None
    assert patient.hears_of(before.filing.draft.media_id, verdict).effects == ()
    assert patient.state == before


@pytest.mark.parametrize("verdict", Verdict)
def test_a_verdict_on_a_file_that_is_gone_or_filed_means_nothing(verdict: Verdict) -> None:
    patient = Patient()
    gone = patient.sends()
    patient.says("CANCEL")
    patient.files()
    filed = UUID(int=2)
    for media_id in (gone, filed, UUID(int=99)):
        assert patient.hears_of(MediaId(media_id), verdict).effects == ()


@pytest.mark.parametrize("step", OPEN)
def test_a_question_without_an_answer_ends_after_half_an_hour(step: str) -> None:
    patient = Patient()
    patient.comes_to(step)
    assert patient.state.filing.deadline == patient.now + timedelta(minutes=30)
    draft = patient.state.filing.draft
    assert draft is not None
    heard = patient.times_out()
    assert heard.discarded == [draft.media_id]
    assert (heard.text, heard.recorded) == (wording.TIMED_OUT.one, ["session.ended"])
    assert patient.state == Conversation(turn=patient.state.turn, greeted=True)


def test_only_the_deadline_that_stands_counts() -> None:
    patient = Patient()
    patient.comes_to("date")
    old = patient.state.filing.deadline
    assert old is not None
    patient.waits(minutes=29)
    patient.says("2 May 2019")
    assert patient.does(Rang(TimerName.SESSION, old)).effects == (
        SetTimer(TimerName.SESSION, patient.now + SESSION_LIFETIME),
    )
    assert patient.state.filing.step is Step.HOSPITAL


@pytest.mark.parametrize(
    "event",
    [
        Said("no date"),
        Said("LIST"),
        Said("HELP"),
        Tapped("date:0:2019-05-02"),
        FILE,
        SentUnusable(),
    ],
)
def test_whoever_writes_has_half_an_hour_again(event: Event) -> None:
    patient = Patient()
    patient.comes_to("date")
    patient.waits(minutes=29)
    patient.does(event)
    assert patient.state.filing.deadline == patient.now + SESSION_LIFETIME


def test_what_the_patient_did_not_do_gives_no_more_time() -> None:
    patient = Patient()
    patient.comes_to("date")
    before = patient.state.filing.deadline
    patient.waits(minutes=29)
    for event in (
        Noticed(),
        Checked(MediaId(UUID(int=9)), Verdict.CLEAN),
        NotDelivered(ReportId(UUID(int=9))),
    ):
        patient.does(event)
    assert patient.state.filing.deadline == before


def test_a_timer_is_set_once_however_often_a_patient_writes() -> None:
    patient = Patient()
    asked = patient.comes_to("date")
    set_to = [one for one in asked.effects if isinstance(one, SetTimer)]
    assert set_to == [SetTimer(TimerName.SESSION, patient.now + SESSION_LIFETIME)]
    for _ in range(3):
        patient.waits(minutes=5)
        heard = patient.says("no date")
        assert not [one for one in heard.effects if isinstance(one, SetTimer)]


def test_a_timer_that_was_lost_is_set_anew_by_the_next_message() -> None:
    patient = Patient()
    patient.comes_to("date")
    patient.waits(minutes=31)
    assert SetTimer(TimerName.SESSION, patient.now + SESSION_LIFETIME) in patient.says("?").effects


def test_a_finished_session_has_no_deadline() -> None:
    patient = Patient()
    patient.files()
    assert patient.state.filing.deadline is None


def test_a_check_never_times_out_by_itself() -> None:
    patient = Patient()
    patient.sends()
    assert patient.state.filing.deadline is None
    assert patient.does(Rang(TimerName.SESSION, patient.now)).effects == ()
    assert patient.state.filing.step is Step.CHECKING


def test_stop_drops_all_that_is_not_filed_and_nothing_that_is() -> None:
    patient = Patient()
    patient.files()
    media_ids = [patient.sends() for _ in range(3)]
    heard = patient.says("Stop")
    assert (heard.discarded, heard.text) == (media_ids, wording.STOPPED)
    assert (patient.state.filing.draft, patient.state.filing.waiting) == (None, ())
    assert len(patient.says("LIST").replies[0].rows) == 1


def test_a_report_that_could_not_be_sent_is_owned_up_to() -> None:
    heard = Patient().does(NotDelivered(ReportId(UUID(int=5))))
    assert (heard.text, heard.recorded) == (wording.NOT_SENT, ["report.not_sent"])


def test_a_report_that_was_overtaken_is_told_of() -> None:
    heard = Patient().does(DeliveredLate())
    assert (heard.text, heard.recorded) == (wording.SENT_LATE, [])


def test_a_moved_identity_is_linked_and_recorded() -> None:
    patient, contact = Patient(), Contact("DE.2", None)
    heard = patient.does(Moved(contact))
    assert LinkIdentity(contact) in heard.effects
    assert heard.recorded == ["identity.linked", "identity.locked"]
    assert patient.state.contact == contact
