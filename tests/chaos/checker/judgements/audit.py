"""The audit: whole chains, and an entry for whatever went in or out."""

import hashlib
from collections import Counter, defaultdict
from datetime import UTC
from uuid import UUID

from chaos.checker.evidence import AuditRow, Evidence, LinkRow
from chaos.checker.findings import Findings

FIRST = b"\0" * 32
FILED, SENT = "report.filed", "report.sent"


def broken_chains(evidence: Evidence) -> Findings:
    """Each patient's entries hang together from the first one, and none is left out."""
    found, tables = Findings(), evidence.tables
    entries = {entry.id: entry for entry in tables.audit}
    chains: dict[UUID, list[LinkRow]] = defaultdict(list)
    for link in tables.links:
        chains[link.patient].append(link)
    for links in chains.values():
        previous = FIRST
        for place, link in enumerate(sorted(links, key=lambda link: link.position), start=1):
            entry = entries.get(link.entry)
            if place != link.position or entry is None or entry.patient != link.patient:
                found.blame("audit_broken", f"the link of audit entry {link.entry} is out of place")
            elif chained(previous, entry) != link.hash:
                found.blame("audit_broken", f"the hash of audit entry {link.entry} is not right")
            previous = link.hash
    linked = {link.entry for link in tables.links}
    for entry in tables.audit:
        if entry.id not in linked and entry.id not in tables.unlinked:
            found.blame("audit_broken", f"audit entry {entry.id} was never linked")
    found.counts["audit_links"] = len(tables.links)
    return found


def chained(previous: bytes, entry: AuditRow) -> bytes:
    """SHA-256 of the link before and of all that the entry says, its note by its own SHA-256."""
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    report = entry.report.hex if entry.report else "-"
    said = f"{entry.id.hex}|{entry.patient.hex}|{entry.action}|{report}|{at}"
    if entry.identity is not None:
        said += f"|i{entry.identity.hex}"
    if entry.note is not None:
        said += f"|{hashlib.sha256(entry.note).hexdigest()}"
    return hashlib.sha256(previous + said.encode()).digest()


def unaudited_reports(evidence: Evidence) -> Findings:
    """A report is filed once in the audit, and sent as often as Meta was given it."""
    found, tables = Findings(), evidence.tables
    said = Counter((entry.action, entry.report) for entry in tables.audit)
    filed = {report.id for report in tables.reports if report.state == "filed"}
    for id in filed | {report for action, report in said if action == FILED and report}:
        times, expected = said[FILED, id], int(id in filed)
        if times != expected:
            sentence = f"the audit says {times} times that report {id} was filed"
            found.blame("audit_broken", f"{sentence}, and it was {expected} times")
    taken = {send.reference for send in evidence.ledger.sends}
    sent = Counter(row.report for row in tables.outbox if row.report and row.id in taken)
    for report, times in sent.items():
        if said[SENT, report] < times:
            sentence = f"report {report} was sent {times} times"
            found.blame("audit_broken", f"{sentence}, the audit knows of {said[SENT, report]}")
    return found
