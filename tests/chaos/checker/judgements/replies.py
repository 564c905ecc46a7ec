"""Replies: the outbox says of them what Meta knows, and they reach the patients they are for."""

from collections import defaultdict
from uuid import UUID

from chaos.checker.effects import FILES, Effects, Moment
from chaos.checker.evidence import Evidence, OutboxRow
from chaos.checker.findings import Findings

FAILED = 55
ACCEPTED = 40


def lost_replies(evidence: Evidence) -> Findings:
    """Meta took every reply that is said to be sent; no other one was given up in silence."""
    found, effects = Findings(), Effects(evidence)
    taken = {send.reference for send in evidence.ledger.sends}
    found.counts["replies_accepted"] = len(taken)
    locked = {entry.patient for entry in evidence.tables.audit if entry.action == "identity.locked"}
    for moment, letters in effects.replies.items():
        receipts = _receipts_at_most(effects, moment, letters)
        for letter in letters:
            if letter.id in taken or letter.state < ACCEPTED or effects.is_receipt(letter):
                continue
            if letter.state != FAILED:
                found.blame("lost", f"outbox row {letter.id} is said to be sent, Meta has none")
            elif letter.report or letter.code is not None or letter.patient in locked:
                found.note("replies_refused", f"outbox row {letter.id} failed ({letter.code})")
            elif receipts > 0:
                receipts -= 1
            else:
                found.blame("lost", f"outbox row {letter.id} was given up without a refusal")
    return found


def _receipts_at_most(effects: Effects, moment: Moment, letters: list[OutboxRow]) -> int:
    """How many read receipts were written then: after a file, and with a report filed or sent."""
    messages = [effects.messages.get(row.key) for row in effects.causes.get(moment, ())]
    files = sum(message is None or message.type in FILES for message in messages)
    return files + sum(letter.held is not None or letter.report is not None for letter in letters)


def strayed_replies(evidence: Evidence) -> Findings:
    """Nothing is sent that no committed row asked for, and nothing to somebody else's phone."""
    found, effects = Findings(), Effects(evidence)
    letters = {letter.id: letter for letter in evidence.tables.outbox}
    phones: dict[UUID, set[int]] = defaultdict(set)
    for message, row in effects.handled():
        phones[effects.patient(row.subject)].add(message.patient)
    for number, send in enumerate(evidence.ledger.sends, start=1):
        letter = letters.get(send.reference) if send.reference else None
        if letter is None:
            found.blame("strayed", f"send {number} of Meta's ledger is of no outbox row")
            continue
        owners = phones.get(letter.patient)
        if owners and send.patient is not None and send.patient not in owners:
            sentence = f"outbox row {letter.id} reached patient {send.patient}, whose it is not"
            found.blame("strayed", sentence)
    return found
