"""The independent check of a run: all is read, then judged, with nothing of medvault's code."""

from collections.abc import Callable

from chaos.checker.digests import digests
from chaos.checker.evidence import Evidence
from chaos.checker.findings import Findings
from chaos.checker.judgements.audit import broken_chains, unaudited_reports
from chaos.checker.judgements.doubles import doubled_effects, doubled_files, doubled_sends
from chaos.checker.judgements.files import misplaced_files
from chaos.checker.judgements.losses import lost_messages, lost_statuses
from chaos.checker.judgements.order import inverted_messages, inverted_replies
from chaos.checker.judgements.remains import unfinished_work
from chaos.checker.judgements.replies import lost_replies, strayed_replies
from chaos.checker.meta import read_ledger
from chaos.checker.sources import Sources
from chaos.checker.vault import read_objects, read_tables

JUDGEMENTS: tuple[Callable[[Evidence], Findings], ...] = (
    lost_messages,
    lost_statuses,
    lost_replies,
    strayed_replies,
    doubled_effects,
    doubled_files,
    doubled_sends,
    inverted_messages,
    inverted_replies,
    misplaced_files,
    broken_chains,
    unaudited_reports,
    unfinished_work,
)


def check(sources: Sources) -> Findings:
    """Read what a settled run left everywhere, and judge it."""
    return judge(read(sources))


def read(sources: Sources) -> Evidence:
    """Read Meta's side first: the tables then hold all that Meta was told to do."""
    ledger = read_ledger(sources.simulator_url, digests(sources.index_key))
    tables, objects = read_tables(sources.database_url), read_objects(sources.store)
    return Evidence(ledger, tables, objects, sources.repeat_after)


def judge(evidence: Evidence) -> Findings:
    """All judgements in one."""
    return Findings.together(judgement(evidence) for judgement in JUDGEMENTS)
