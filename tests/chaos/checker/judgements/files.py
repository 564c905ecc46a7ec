"""Orphaned and missing: objects that no row wants, and rows without their object."""

import re

from chaos.checker.evidence import Evidence
from chaos.checker.findings import Findings

_OURS = re.compile(r"(incoming|reports)/[0-9a-f-]{36}")

_OUR_FAULT = ("failed", "expired")


def misplaced_files(evidence: Evidence) -> Findings:
    """`incoming/` holds what is not decided, `reports/` what is filed, the store nothing else."""
    found, tables, objects = Findings(), evidence.tables, evidence.objects
    undecided = {"wanted", "stored", "checked", "filing"}
    wanted = {f"incoming/{file.id}" for file in tables.media if file.state in undecided}
    wanted |= {f"reports/{report.id}" for report in tables.reports}
    for key in sorted(objects - wanted):
        named = key if _OURS.fullmatch(key) else "an object outside of incoming/ and reports/"
        found.blame("orphaned", f"{named} is wanted by no row")
    filing = {report.media: report.id for report in tables.reports if report.state == "filing"}
    for file in tables.media:
        places = {f"incoming/{file.id}"}
        if file.state == "filing":
            places.add(f"reports/{filing.get(file.id)}")
        if file.state in ("stored", "checked", "filing") and not places & objects:
            found.blame("missing", f"media row {file.id} is {file.state} and has no object")
        if file.verdict in _OUR_FAULT:
            found.note("files_given_up", f"media row {file.id} was refused: {file.verdict}")
    for report in tables.reports:
        if report.state == "filed" and f"reports/{report.id}" not in objects:
            found.blame("missing", f"report {report.id} is filed and has no object")
    found.counts["reports_filed"] = sum(report.state == "filed" for report in tables.reports)
    return found
