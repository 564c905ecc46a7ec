"""Lost: updates that were answered 200 or replies that are said to be sent, and are nowhere."""

from collections import defaultdict
from collections.abc import Iterable

from chaos.checker.effects import FILES, SILENT, Effects, Moment
from chaos.checker.evidence import Evidence, InboxRow, Message, Status, Told
from chaos.checker.findings import Findings

CLOCKS_DIFFER = 0.5
"""Seconds between Meta's clock and the database's that prove nothing yet."""

_LADDER = {"sent": 50, "failed": 55, "delivered": 60, "read": 70}


def lost_messages(evidence: Evidence) -> Findings:
    """Every message that was answered 200 is in the inbox, and something came of it."""
    found, effects = Findings(), Effects(evidence)
    found.counts["sent"] = len(evidence.ledger.messages)
    by_moment: dict[Moment, list[tuple[Message, InboxRow]]] = defaultdict(list)
    for message in evidence.ledger.messages:
        row = _taken(found, effects, message, f"a message of patient {message.patient}")
        moment = effects.moment(row) if row else None
        if row and moment and row.outcome == "handled":
            by_moment[moment].append((message, row))
        elif row and moment:
            found.note(f"messages_{row.outcome}", f"inbox row {row.seq} ended as {row.outcome}")
    found.counts["answered"] = sum(m.told.answered is not None for m in evidence.ledger.messages)
    for moment, together in by_moment.items():
        _without_effect(found, effects, moment, together)
    for patient in evidence.ledger.unanswered:
        found.blame("lost", f"the last words of patient {patient} have no answer below them")
    return found


def lost_statuses(evidence: Evidence) -> Findings:
    """Every status that was answered 200 is in the inbox, and moved its message."""
    found, effects = Findings(), Effects(evidence)
    references = {send.wamid: send.reference for send in evidence.ledger.sends}
    states = {letter.id: letter.state for letter in evidence.tables.outbox}
    found.counts["statuses"] = len(evidence.ledger.statuses)
    for status in evidence.ledger.statuses:
        row = _taken(found, effects, status, f"a status ({status.name})")
        if row is None or row.done_at is None:
            continue
        if row.outcome != "applied":
            found.note(f"statuses_{row.outcome}", f"inbox row {row.seq} ended as {row.outcome}")
            continue
        found.counts["statuses_applied"] += 1
        reference = references.get(status.wamid)
        if reference in states and states[reference] < _LADDER.get(status.name, 0):
            sentence = f"the status in inbox row {row.seq} did not move outbox row {reference}"
            found.blame("lost", sentence)
    return found


def _taken(
    found: Findings, effects: Effects, update: Message | Status, what: str
) -> InboxRow | None:
    """The row of an update; blames what was answered 200 and has none, or had none yet."""
    rows, told = effects.rows.get(update.key, ()), update.told
    if told.answered is None:
        return rows[0] if rows else None
    if not rows:
        found.blame("lost", f"{what} was answered 200, and the inbox has no row of it")
        return None
    found.counts["by_intake"] += told.spilled
    if not told.spilled and _late(rows, told):
        sentence = f"{what} was answered 200 before inbox row {rows[0].seq} was written"
        found.blame("answered_early", sentence)
    return rows[0]


def _late(rows: Iterable[InboxRow], told: Told) -> bool:
    return all(row.received_at.timestamp() > told.answered_at + CLOCKS_DIFFER for row in rows)


def _without_effect(
    found: Findings, effects: Effects, moment: Moment, together: list[tuple[Message, InboxRow]]
) -> None:
    """Each of the messages that were handled together has its answer, and each file its row."""
    letters = effects.replies.get(moment, ())
    answers = sum(not effects.is_receipt(letter) for letter in letters)
    files = effects.files.get((effects.patient(moment[0]), moment[1]), ())
    silent: list[InboxRow] = []
    for message, row in together:
        if message.type in SILENT:
            continue
        if message.type not in FILES and answers > 0:
            answers -= 1
        elif message.type not in FILES or not (files or letters):
            silent.append(row)
    for row in silent:
        found.blame("lost", f"inbox row {row.seq} was handled, and nothing came of it")
    found.counts["effects"] += len(together) - len(silent)
