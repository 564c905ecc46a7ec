"""Inverted: two messages of a patient, of which the later one went first."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from uuid import UUID

from chaos.checker.effects import Effects
from chaos.checker.evidence import Evidence, InboxRow, Message, OutboxRow
from chaos.checker.findings import Findings

Taken = tuple[Message, InboxRow]
Place = Callable[[Taken], int]


def inverted_messages(evidence: Evidence) -> Findings:
    """If A was answered 200 before B's first POST began, A's row and A's answer come first.

    Counted are the Bs. Where the broker took A in for the database, B may be faster.
    """
    found, effects = Findings(), Effects(evidence)
    places = _answers(effects)
    for patient, taken in _by_patient(evidence, effects).items():
        for a, b in _overtaken(taken, lambda one: one[1].seq):
            what = f"inbox row {b[1].seq} of patient {patient} came after row {a[1].seq}"
            _judge(found, a, f"{what} was answered 200, and stands before it")
        answered = [one for one in taken if one[1].seq in places]
        for a, b in _overtaken(answered, lambda one: places[one[1].seq]):
            if a[1].seq < b[1].seq:
                what = f"inbox row {b[1].seq} of patient {patient} was handled before row"
                _judge(found, a, f"{what} {a[1].seq}, which came first")
    return found


def _judge(found: Findings, a: Taken, sentence: str) -> None:
    if a[0].told.spilled:
        found.note("inverted_across_intake", sentence)
    else:
        found.blame("inverted", sentence)


def _by_patient(evidence: Evidence, effects: Effects) -> dict[int, list[Taken]]:
    """Each patient's messages that are in the inbox, in the order in which Meta first told them."""
    found: dict[int, list[Taken]] = defaultdict(list)
    for message in sorted(evidence.ledger.messages, key=lambda one: one.told.first_post):
        if rows := effects.rows.get(message.key):
            found[message.patient].append((message, rows[0]))
    return found


def _answers(effects: Effects) -> dict[int, int]:
    """The place of each handled message's first answer, by its inbox row."""
    return {
        row.seq: min(letter.seq for letter in effects.replies[moment])
        for _, row in effects.handled()
        if (moment := effects.moment(row)) and moment in effects.replies
    }


def _overtaken(taken: Sequence[Taken], place: Place) -> Iterator[tuple[Taken, Taken]]:
    """Pairs (A, B) in which B has the earlier place though A was answered before B was told.

    One for each B; an A that the database took is looked for before one that the broker took.
    """
    answered = sorted(
        (one for one in taken if one[0].told.answered is not None),
        key=lambda one: one[0].told.answered or 0.0,
    )
    last: dict[bool, Taken] = {}
    at = 0
    for b in taken:
        while at < len(answered) and (answered[at][0].told.answered or 0.0) < b[0].told.first_post:
            a = answered[at]
            spilled = a[0].told.spilled
            last[spilled] = max(last.get(spilled, a), a, key=place)
            at += 1
        for spilled in (False, True):
            if spilled in last and place(last[spilled]) > place(b):
                yield last[spilled], b
                break


def inverted_replies(evidence: Evidence) -> Findings:
    """Meta took a conversation's replies in the order of the outbox, but for repeated ones.

    Documents, and what is held until a report is filed, take their turn when they are ready.
    """
    found = Findings()
    accepted: dict[UUID, float] = {}
    for send in evidence.ledger.sends:
        if send.reference is not None:
            known = accepted.get(send.reference, float("inf"))
            accepted[send.reference] = min(known, send.accepted)
    lanes: dict[UUID, list[OutboxRow]] = defaultdict(list)
    for letter in evidence.tables.outbox:
        if letter.id in accepted and not letter.report and not letter.held:
            lanes[letter.subject].append(letter)
    for letters in lanes.values():
        for late, early in _late(letters, accepted):
            what = f"outbox row {early.seq} was sent before row {late.seq}"
            if late.attempts > 1:
                found.note("replies_inverted_by_a_repeat", f"{what}, which was tried again")
            else:
                found.blame("inverted", f"{what}, which comes first")
    return found


def _late(
    letters: Iterable[OutboxRow], accepted: dict[UUID, float]
) -> Iterator[tuple[OutboxRow, OutboxRow]]:
    """Pairs (late, early) out of order: one for each that was late, with the earliest behind it."""
    earliest: OutboxRow | None = None
    for letter in sorted(letters, key=lambda letter: letter.seq, reverse=True):
        if earliest is not None and accepted[earliest.id] < accepted[letter.id]:
            yield letter, earliest
        else:
            earliest = letter
