"""Some things always hold, whatever a patient does, and in whatever order the checks end."""

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from medvault.adapters.postgres import codec
from medvault.domain.conversation.effects import Fetch
from medvault.domain.conversation.events import (
    Arrived,
    Deleted,
    Doubted,
    Edited,
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
    Vouched,
)
from medvault.domain.conversation.state import Conversation, Step
from medvault.domain.conversation.timers import TimerName
from medvault.domain.identifiers import MediaId, ReportId
from medvault.domain.identity import Contact, Doubt
from medvault.domain.media import Attachment, Verdict
from medvault.domain.saying import wording
from support.patients import Heard, Patient, breaches, reports

STRANGERS = ReportId(UUID(int=2**127))
TEXTS = st.sampled_from(
    [
        "LIST", "more", "GET 1", "get #3", "GET", "HELP", "cancel", "STOP", "2", "2 May 2019",
        "1/1/2999", "today",
        "Apollo Hospital Chennai North", "Apollo Hospital Chennai South", "Cancel Clinic",
        '"Cancel"', "W" * 80,
        "SET PIN", "set pin 482913", "482913", "135790", "111111",
        "lab", "MRI", "yes", "YES", "change", "no", "hospital", "date", "", "👍", "\x00\u202e",
    ]
) | st.text(max_size=100)  # fmt: skip
FORGED = st.sampled_from(
    [
        "", "x", "type:{}:nonsense", "hospital:{}:99", "confirm:{}", "edit:{}", "change:{}:type",
        "cancel:{}", "date:{}:2019-05-02", "type:{}:lab", "hospital:{}:0", "report:nonsense",
        "menu:help", "menu:stop",
    ]
)  # fmt: skip
FORMS: tuple[Callable[[str, str], str], ...] = (
    lambda title, _: title,
    lambda title, _: title.removesuffix("…"),
    lambda title, _: title.replace("…", "..."),
    lambda title, about: f"{title}\n{about}".strip(),
)
"""A label as it is, as a phone cuts it, as a keyboard has it, and as a copy of a row has it."""
ANSWERS = {Step.DATE: "yesterday", Step.HOSPITAL: "Fortis", Step.TYPE: "3", Step.CONFIRM: "yes"}
OTHERS: st.SearchStrategy[Event] = st.sampled_from(
    [
        SaidTooMuch(),
        SentTooLarge(),
        SentUnusable(),
        Noticed(),
        Arrived(),
        Edited(),
        NotDelivered(STRANGERS),
        Moved(Contact("DE.2", None)),
        Doubted(Doubt.REFUSED),
        Doubted(Doubt.DESK),
    ]
)


class Talk(RuleBasedStateMachine):
    """A patient, their files, and everything they could ever tap."""

    @initialize(count=st.integers(0, 25))
    def begin(self, count: int) -> None:
        self.patient = Patient(Conversation(), shelf=reports(count))
        self.ended: Counter[UUID] = Counter()
        self.fetched: list[UUID] = []
        self.taps: list[str] = []
        self.shown: list[tuple[str, str, str]] = []
        self.greetings = self.turn = 0
        self.deleted = False

    @rule(text=TEXTS)
    def says(self, text: str) -> None:
        before, locked = self._held(), self.patient.state.lock
        self._sees(self.patient.says(text), at_most=2 if locked is None else 1000)
        if locked is not None:
            self.ended.update(set(before) - set(self._held()))

    @rule()
    def goes_on_as_asked(self) -> None:
        state = self.patient.state
        if state.filing.step is Step.CHECKING and state.filing.draft:
            self._sees(self.patient.hears_of(state.filing.draft.media_id))
        else:
            self._sees(self.patient.says(ANSWERS.get(state.filing.step, "LIST")))

    @rule(form=FORGED)
    def forges(self, form: str) -> None:
        self._sees(self.patient.taps(form.format(self.patient.state.turn)))

    @rule(text=TEXTS, mark=st.sampled_from(["a", "b"]), edited=st.booleans())
    def says_and_edits(self, text: str, mark: str, edited: bool) -> None:
        before, locked = self._held(), self.patient.state.lock
        event = Edited(mark, text) if edited else Said(text, mark)
        self._sees(self.patient.does(event), at_most=2 if locked is None else 1000)
        if locked is not None:
            self.ended.update(set(before) - set(self._held()))

    @rule(mark=st.sampled_from(["a", "b", "c"]))
    def deletes(self, mark: str) -> None:
        self.deleted = True
        self._sees(self.patient.does(Deleted(mark)))

    @precondition(lambda self: self.shown)
    @rule(data=st.data(), form=st.sampled_from(FORMS))
    def types_what_is_shown(self, data: st.DataObject, form: Callable[[str, str], str]) -> None:
        """It does the same as a tap, but that what was typed can be edited."""
        title, about, id = data.draw(st.sampled_from(self.shown))
        tapped, typed = deepcopy(self.patient), deepcopy(self.patient)
        assert typed.says(form(title, about)).effects == tapped.taps(id).effects
        assert typed.state._replace(said=None) == tapped.state._replace(said=None)

    @precondition(lambda self: self.taps)
    @rule(data=st.data())
    def taps_anything_ever_offered(self, data: st.DataObject) -> None:
        self._sees(self.patient.taps(data.draw(st.sampled_from(self.taps))))

    @precondition(lambda self: self.taps)
    @rule(place=st.integers(1, 4))
    def taps_what_was_offered_last(self, place: int) -> None:
        self._sees(self.patient.taps(self.taps[-min(place, len(self.taps))]))

    @rule(filename=st.none() | st.text(max_size=70), caption=st.none() | TEXTS)
    def sends(self, filename: str | None, caption: str | None) -> None:
        self._sees(
            self.patient.does(SentFile(Attachment("7", "image/jpeg", None, filename), caption, "c"))
        )

    @precondition(lambda self: self.fetched)
    @rule(place=st.integers(0, 5), verdict=st.sampled_from(Verdict) | st.just(Verdict.CLEAN))
    def hears_of(self, place: int, verdict: Verdict) -> None:
        media_id = self.fetched[-1 - place % len(self.fetched)]
        before = self._held()
        self._sees(self.patient.hears_of(MediaId(media_id), verdict))
        if media_id in before and media_id not in self._held():
            assert self.patient.state.lock is None
            assert not verdict.accepted
            self.ended[media_id] += 1

    @rule(event=OTHERS)
    def something_else_happens(self, event: Event) -> None:
        self._sees(self.patient.does(event))

    @precondition(lambda self: self.patient.state.filing.deadline)
    @rule()
    def times_out(self) -> None:
        self._sees(self.patient.times_out())
        assert self.patient.state.filing.waiting == ()

    @rule()
    def an_old_timer_rings(self) -> None:
        before = self.patient.state
        self.patient.waits(seconds=1)
        ends = before.filing.deadline
        if ends is None or self.patient.now < ends:
            self._sees(self.patient.does(Rang(TimerName.SESSION, self.patient.now)))
            assert self.patient.state == before._replace(rings=ends)

    @rule()
    def taps_a_strangers_report(self) -> None:
        heard = self.patient.taps(f"report:{STRANGERS.hex}")
        assert heard.sent == []
        self._sees(heard)

    @precondition(lambda self: self.patient.state.lock)
    @rule()
    def the_clinic_opens(self) -> None:
        lock, before = self.patient.state.lock, self._held()
        assert lock is not None
        heard = self.patient.does(Vouched(lock.since))
        self.ended.update(set(before) - set(self._held()))
        assert self.patient.state.lock is None
        assert wording.UNLOCKED_BY_CLINIC in heard.text
        for reply in heard.replies:
            assert breaches(reply) == [], reply

    @invariant()
    def a_report_is_in_the_making_unless_idle(self) -> None:
        state = self.patient.state
        assert (state.filing.draft is None) == (state.filing.step is Step.IDLE)
        assert state.filing.draft is not None or state.filing.waiting == () or self.deleted

    @invariant()
    def a_deadline_runs_while_a_question_is_open(self) -> None:
        state = self.patient.state
        asked = state.lock is None and state.filing.step not in (Step.IDLE, Step.CHECKING)
        assert (state.filing.deadline is not None) == asked

    @invariant()
    def a_timer_rings_by_the_deadline(self) -> None:
        state = self.patient.state
        if state.filing.deadline is not None:
            assert state.rings is not None
            assert state.rings <= state.filing.deadline

    @invariant()
    def the_turn_never_falls(self) -> None:
        assert self.patient.state.turn >= self.turn
        self.turn = self.patient.state.turn

    @invariant()
    def every_file_is_held_or_ended_once(self) -> None:
        assert set(self.ended.values()) <= {1}
        held = self._held()
        assert len(set(held)) == len(held)
        assert sorted(held) == sorted(set(self.fetched) - set(self.ended))

    @invariant()
    def the_state_survives_its_storage(self) -> None:
        state = self.patient.state
        assert codec.read(codec.conversation, codec.dump(codec.conversation_json(state))) == state

    @invariant()
    def a_patient_is_greeted_at_most_once(self) -> None:
        assert self.greetings == self.patient.state.greeted

    def _sees(self, heard: Heard, at_most: int = 2) -> None:
        replies = [*heard.replies, *heard.receipts]
        self.shown = [
            *((button.title, "", button.id) for reply in replies for button in reply.buttons),
            *((row.title, row.description, row.id) for reply in replies for row in reply.rows),
        ]
        for reply in replies:
            assert breaches(reply) == [], reply
            assert codec.read(codec.content, codec.dump(codec.content_json(reply))) == reply
            self.taps += [button.id for button in reply.buttons] + [row.id for row in reply.rows]
        assert len(heard.replies) <= at_most
        assert all(report in self.patient.shelf for report in heard.sent)
        self.greetings += heard.text.count(wording.WELCOME)
        self.fetched += [effect.media_id for effect in heard.effects if isinstance(effect, Fetch)]
        self.ended.update(heard.discarded)
        self.ended.update(file.media_id for filing in heard.filed for file in filing.files)

    def _held(self) -> list[UUID]:
        state = self.patient.state
        return [draft.media_id for draft in (state.filing.draft, *state.filing.waiting) if draft]


TestTalk = Talk.TestCase
TestTalk.settings = settings(
    max_examples=100,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
