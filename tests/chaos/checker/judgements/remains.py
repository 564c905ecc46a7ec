"""Unfinished: the work that still waits for somebody, by kind and number."""

from collections import Counter

from chaos.checker.evidence import Evidence, MediaRow
from chaos.checker.findings import Findings

_STATES = {0: "preparing", 10: "queued", 20: "sending", 30: "unconfirmed"}
_PARKED = 5
_OVER = ("filed", "refused", "discarded")


def unfinished_work(evidence: Evidence) -> Findings:
    """After a run has settled nothing waits, but for what only its patient can move on."""
    found, tables = Findings(), evidence.tables
    told = {status.key for status in evidence.ledger.statuses}
    left: Counter[str] = Counter()
    for row in tables.inbox:
        if row.done_at is None and row.kind == "status" and row.key not in told:
            found.note("foreign_statuses", f"inbox row {row.seq} is a status of no send of Meta's")
        elif row.done_at is None:
            left[f"inbox rows of kind {row.kind}"] += 1
    for letter in tables.outbox:
        if letter.state == _PARKED:
            found.note("parked", f"outbox row {letter.id} waits until its patient writes")
        elif letter.state in _STATES:
            left[f"outbox rows {_STATES[letter.state]}"] += 1
    left.update(name for file in tables.media if (name := _left_of(file)))
    left["reports filing"] = sum(report.state == "filing" for report in tables.reports)
    left["audit entries to be linked"] = len(tables.unlinked)
    for kind, count in (+left).items():
        found.blame("unfinished", f"{count} {kind} wait", count)
    return found


def _left_of(file: MediaRow) -> str | None:
    if file.due:
        return f"media rows {file.state}"
    return "media rows to be swept" if file.in_incoming and file.state in _OVER else None
