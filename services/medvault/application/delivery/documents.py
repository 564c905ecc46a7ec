"""Documents: reports on their way out, whose owner is checked at each step."""

from collections.abc import Callable, Sequence
from uuid import UUID

from medvault.domain.audit import Action, Entry
from medvault.domain.identifiers import LaneId, LetterId, vault_of
from medvault.domain.outbound import Document, NextStep, SendState
from medvault.domain.updates import UpdateKind
from medvault.ports.outbox import Leased, SentReport, Settled
from medvault.ports.persistence import UnitOfWork
from medvault.ports.vault import Owned, StoredReport


def owned(work: UnitOfWork, letters: Sequence[Leased]) -> dict[LetterId, StoredReport]:
    """Return, by message, the reports that belong to the patients they are about to go to.

    Their vaults are open: this transaction has leased the messages, or called `open_vaults`.
    """
    wanted = [
        (leased, leased.outgoing.content.report_id)
        for leased in letters
        if isinstance(leased.outgoing.content, Document)
    ]
    if not wanted:
        return {}
    found = work.reports.find([Owned(leased.patient_id, report_id) for leased, report_id in wanted])
    return {
        leased.outgoing.reference: found[owned]
        for leased, report_id in wanted
        if (owned := Owned(leased.patient_id, report_id)) in found
    }


def give_up(
    work: UnitOfWork, leased: Leased, new_id: Callable[[], UUID], *, refused: bool
) -> LaneId:
    """End a document that can't be sent; its patient hears of it. Returns whom to wake."""
    document = leased.outgoing.content
    if not isinstance(document, Document):
        raise TypeError("not a document")
    work.outbox.settle([Settled(leased, NextStep(SendState.FAILED))])
    if refused:
        entry = Entry(
            new_id(), vault_of(leased.patient_id), Action.REPORT_REFUSED, document.report_id
        )
        work.audit.append([entry])
    content = {"report_id": str(document.report_id), "letter": str(leased.outgoing.reference)}
    return work.inbox.tell(leased.patient_id, UpdateKind.NOT_DELIVERED, content)


def tell_late(work: UnitOfWork, letters: Sequence[Leased]) -> Sequence[LaneId]:
    """Have patients hear, once each, of documents that others overtake; returns whom to wake."""
    return [
        work.inbox.tell(
            leased.patient_id,
            UpdateKind.NOT_DELIVERED,
            {"report_id": str(late.report_id), "letter": str(late.letter_id), "late": "yes"},
        )
        for leased in letters
        if (late := leased.overtakes) is not None
    ]


def record_sent(work: UnitOfWork, sent: Sequence[SentReport], new_id: Callable[[], UUID]) -> None:
    """Put into the audit which reports the channel has taken and for whom, however we know."""
    if sent:
        work.audit.append(
            [
                Entry(
                    new_id(),
                    vault_of(one.patient_id),
                    Action.REPORT_SENT,
                    one.report_id,
                    identity=one.identity,
                )
                for one in sent
            ]
        )
