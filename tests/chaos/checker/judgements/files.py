"""Orphaned and missing: objects that no row wants, and rows without their object."""

import re
from uuid import UUID

from chaos.checker.evidence import Evidence, MediaRow, ReportRow
from chaos.checker.findings import Findings

_OURS = re.compile(r"incoming/[0-9a-f-]{36}(-copy)?|reports/[0-9a-f-]{36}(-\d+)?(-original)?")

_OUR_FAULT = ("failed", "expired")


def misplaced_files(evidence: Evidence) -> Findings:
    """`incoming/` holds what is not decided, `reports/` what is filed, the store nothing else.

    A file that was copied lies there twice: its owner is given the copy.
    """
    found, tables, objects = Findings(), evidence.tables, evidence.objects
    undecided = {"wanted", "stored", "checked", "filing"}
    copied = {file.id for file in tables.media if file.copied}
    wanted = {key for file in tables.media if file.state in undecided for key in _incoming(file)}
    wanted |= {key for report in tables.reports for key in _kept(report, copied)}
    for key in sorted(objects - wanted):
        named = key if _OURS.fullmatch(key) else "an object outside of incoming/ and reports/"
        found.blame("orphaned", f"{named} is wanted by no row")
    filing = {
        media: _kept_of(report, place, media, copied)
        for report in tables.reports
        for place, media in report.files.items()
        if report.state == "filing"
    }
    for file in tables.media:
        # Until it is checked, a copy may be on its way.
        places = [{f"incoming/{file.id}"} if file.state == "stored" else _incoming(file)]
        if file.state == "filing" and file.id in filing:
            places.append(filing[file.id])
        if file.state in ("stored", "checked", "filing") and not any(
            place <= objects for place in places
        ):
            found.blame("missing", f"media row {file.id} is {file.state} and has no object")
        if file.verdict in _OUR_FAULT:
            found.note("files_given_up", f"media row {file.id} was refused: {file.verdict}")
    for report in tables.reports:
        if report.state == "filed" and not _kept(report, copied) <= objects:
            found.blame("missing", f"report {report.id} is filed and has no object")
    found.counts["reports_filed"] = sum(report.state == "filed" for report in tables.reports)
    return found


def _incoming(file: MediaRow) -> set[str]:
    key = f"incoming/{file.id}"
    return {key, f"{key}-copy"} if file.copied else {key}


def _kept(report: ReportRow, copied: set[UUID]) -> set[str]:
    files = [_kept_of(report, place, media, copied) for place, media in report.files.items()]
    return set().union(*files)


def _kept_of(report: ReportRow, place: int, media: UUID, copied: set[UUID]) -> set[str]:
    key = f"reports/{report.id}" if place == 1 else f"reports/{report.id}-{place}"
    return {key, f"{key}-original"} if media in copied else {key}
