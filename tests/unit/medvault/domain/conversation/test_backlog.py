"""More files than a conversation's state names: all are kept, in their order."""

import pytest

from medvault.adapters.postgres import codec
from medvault.domain.conversation import backlog
from medvault.domain.conversation.effects import DiscardBacklog, Fetch
from medvault.domain.conversation.events import SentFile
from medvault.domain.conversation.moment import Moment
from medvault.domain.conversation.state import Conversation, Draft, FilingState, Step
from medvault.domain.conversation.tasks import locking, receiving
from medvault.domain.identity import Contact, Doubt
from medvault.domain.media import Attachment, Verdict
from medvault.domain.saying import wording
from support.patients import TODAY, Heard, Patient

NAMED = 1 + backlog.MAX_NAMED


def with_files(files: int) -> Patient:
    """A patient of whom so many files are in the making."""
    patient = Patient()
    for _ in range(files):
        patient.sends()
    return patient


def taken_up(patient: Patient, *files: Draft) -> Heard:
    """The effects of taking these files out of the backlog."""
    patient.state, effects = receiving.take_up(patient.state, files, patient.moment)
    return Heard(effects)


def test_a_file_behind_the_named_ones_is_kept_and_its_patient_is_told_once() -> None:
    patient = with_files(NAMED)
    photo = SentFile(Attachment("7", "image/jpeg"))
    heard = [patient.does(photo) for _ in range(9)]
    assert [h.text for h in heard] == [wording.BACKLOG] + [""] * 8
    assert [h.recorded for h in heard] == [["file.received"]] * 9
    assert [type(h.effects[1]) for h in heard] == [Fetch] * 9
    assert len(patient.state.filing.waiting) == backlog.MAX_NAMED
    assert patient.state.filing.backlog is not None
    assert patient.state.filing.backlog.count == 9


@pytest.mark.parametrize("named", [backlog.MAX_NAMED, 10_000])
def test_a_state_is_bounded_whatever_is_sent(named: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "MAX_NAMED", named)
    state = codec.dump(codec.conversation_json(with_files(1500).state))
    assert (len(state) < 16_000) is (named == backlog.AT_ONCE * 2), "the control names them all"


def test_the_question_counts_those_behind_too() -> None:
    patient = with_files(NAMED + 20)
    assert patient.state.filing.draft is not None
    assert "120 more wait" in patient.hears_of(patient.state.filing.draft.media_id).text


def test_ids_of_a_backlog_rise_whatever_clock_made_them() -> None:
    patient = with_files(NAMED)
    first = patient.sends()
    patient._ids = 7
    caption = "2 May 2019"
    heard = patient.does(SentFile(Attachment("7", "image/jpeg"), caption))
    (fetch,) = [effect for effect in heard.effects if isinstance(effect, Fetch)]
    assert fetch.media_id > first
    assert str(fetch.attachment.day) == "2019-05-02"
    assert patient.state.filing.backlog is not None
    assert patient.state.filing.backlog.last == fetch.media_id


def test_what_is_taken_up_stands_last_and_what_was_refused_is_told_by_name() -> None:
    patient = with_files(NAMED)
    behind = [patient.sends() for _ in range(3)]
    heard = taken_up(
        patient,
        Draft(behind[0], verdict=Verdict.CLEAN),
        Draft(behind[1], "old.pdf", Verdict.TOO_LATE),
    )
    assert "old.pdf" in heard.text
    assert "within the 7 days" in heard.text
    assert heard.recorded == ["file.refused"]
    assert patient.state.filing.waiting[-1].media_id == behind[0]
    assert patient.state.filing.backlog is not None
    assert (patient.state.filing.backlog.count, patient.state.filing.backlog.after) == (
        1,
        behind[1],
    )
    taken_up(patient, Draft(behind[2]))
    assert patient.state.filing.backlog is None


def test_where_nothing_is_asked_the_first_of_the_backlog_is_asked_about() -> None:
    patient = with_files(NAMED)
    behind = patient.sends()
    patient.state = Conversation(
        greeted=True, filing=FilingState(backlog=patient.state.filing.backlog)
    )
    assert "What date" in taken_up(patient, Draft(behind, verdict=Verdict.CLEAN)).text
    assert patient.state.filing.step is Step.DATE


def test_a_backlog_of_which_nothing_is_found_is_over() -> None:
    patient = with_files(NAMED + 5)
    taken_up(patient)
    assert patient.state.filing.backlog is None


def test_stop_and_silence_drop_the_backlog_too() -> None:
    patient = with_files(NAMED + 5)
    behind = patient.state.filing.backlog
    assert behind is not None
    assert DiscardBacklog(behind) in patient.says("STOP").effects
    assert patient.state.filing.backlog is None
    patient = with_files(NAMED + 5)
    assert patient.state.filing.draft is not None
    patient.hears_of(patient.state.filing.draft.media_id)
    heard = patient.times_out()
    assert heard.text == wording.TIMED_OUT_MANY.format(count=NAMED + 5)
    assert patient.state.filing.backlog is None


def test_a_locked_vault_keeps_a_backlog_and_takes_nothing_out_of_it() -> None:
    patient = Patient()
    moment = Moment(patient.now, TODAY, patient.new_id)
    patient.state = locking.lock(
        Conversation(contact=Contact("IN.1", None, "k")), Doubt.KEY, moment
    )[0]
    for _ in range(NAMED + 5):
        patient.sends()
    assert patient.state.filing.backlog is not None
    assert patient.state.filing.backlog.count == 5
    assert not backlog.is_due(patient.state)
