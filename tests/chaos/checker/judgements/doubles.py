"""Doubled: updates and files that had two effects, and replies that a patient sees twice."""

from collections import Counter, defaultdict
from uuid import UUID

from chaos.checker.effects import FILES, Effects
from chaos.checker.evidence import Evidence, Send
from chaos.checker.findings import Findings

SENDING_TAKES = 10.0
"""Seconds from a lease to Meta's answer: the wait before a repeat counts from the lease."""

APPLIED_WITHIN = 5.0
"""Seconds in which a status that was answered 200 must have reached its message."""


def doubled_effects(evidence: Evidence) -> Findings:
    """No update has two rows, and whatever was written has an update that it was written for."""
    found, effects = Findings(), Effects(evidence)
    for rows in effects.rows.values():
        if len(rows) > 1:
            seqs = ", ".join(str(row.seq) for row in rows)
            found.blame("doubled", f"inbox rows {seqs} are of one update", len(rows) - 1)
    for moment, letters in effects.replies.items():
        if moment not in effects.causes:
            ids = ", ".join(str(letter.id) for letter in letters)
            found.blame(
                "doubled", f"outbox rows {ids} are an effect that no inbox row accounts for"
            )
    return found


def doubled_files(evidence: Evidence) -> Findings:
    """No message brings two files, and no file is filed twice."""
    found, effects = Findings(), Effects(evidence)
    room: Counter[tuple[UUID, object]] = Counter()
    for (subject, at), rows in effects.causes.items():
        messages = [effects.messages.get(row.key) for row in rows if row.kind == "message"]
        files = sum(message is None or message.type in FILES for message in messages)
        room[effects.patient(subject), at] += files
    for moment, files_then in effects.files.items():
        for file in files_then[room[moment] :]:
            found.blame("doubled", f"media row {file.id} is of a file that was taken already")
    reports: dict[UUID, list[UUID]] = defaultdict(list)
    for report in evidence.tables.reports:
        for media in report.files.values():
            reports[media].append(report.id)
    for media, ids in reports.items():
        if len(ids) > 1:
            named = ", ".join(map(str, ids))
            found.blame("doubled", f"reports {named} are of one file, {media}", len(ids) - 1)
    return found


def doubled_sends(evidence: Evidence) -> Findings:
    """Meta took each reply once; again only where no status told of it, and after the wait."""
    found = Findings()
    sends: dict[UUID, list[Send]] = defaultdict(list)
    for send in sorted(evidence.ledger.sends, key=lambda send: send.accepted):
        if send.reference is not None:
            sends[send.reference].append(send)
    heard, wait = _heard(evidence), evidence.repeat_after - SENDING_TAKES
    for reference, accepted in sends.items():
        for number, again in enumerate(accepted[1:], start=1):
            before = accepted[:number]
            known = min(heard.get(send.wamid, float("inf")) for send in before)
            if known + APPLIED_WITHIN < again.accepted:
                why = "though a status had told of it"
            elif again.accepted - before[-1].accepted < wait:
                why = "before its statuses had time to come"
            else:
                found.note("doubled_unheard", f"outbox row {reference} was sent again, unheard of")
                continue
            found.blame("doubled_to_patient", f"outbox row {reference} was sent again {why}")
    return found


def _heard(evidence: Evidence) -> dict[str, float]:
    """When the first status of each message was answered 200."""
    heard: dict[str, float] = {}
    for status in evidence.ledger.statuses:
        if status.told.answered is not None:
            known = heard.get(status.wamid, float("inf"))
            heard[status.wamid] = min(known, status.told.answered)
    return heard
