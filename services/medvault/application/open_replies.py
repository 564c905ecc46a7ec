"""Open replies: how many wait to be sent to those who write much, each of them once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from medvault.domain.identifiers import LetterId, PersonId
from medvault.domain.quotas import Quotas, may_be_crowded
from medvault.domain.replies import Reply
from medvault.observability import metrics
from medvault.ports.outbox import Leased
from medvault.ports.persistence import Claimed, UnitOfWork

_LOOKED_AT = 256
"""Replies to one patient that are compared at once."""


def open_replies(
    work: UnitOfWork, claims: Sequence[Claimed], quotas: Quotas
) -> Mapping[PersonId, int]:
    """Count the open replies of those for whom there may be too many.

    Where there are, those that will be said again are withdrawn, so that the last one stays.
    """
    crowded = [
        one.patient_id for one in claims if one.state and may_be_crowded(one.state.pace, quotas)
    ]
    if not crowded:
        return {}
    most = quotas.open_replies
    counts = work.outbox.open_replies(crowded, most)
    full = [patient_id for patient_id in crowded if counts.get(patient_id, 0) >= most]
    repeated = _repeated(work.outbox.unsent(full, _LOOKED_AT)) if full else []
    if not repeated:
        return counts
    work.outbox.withdraw(repeated)
    metrics.replies_withdrawn.inc(len(repeated))
    return {**counts, **work.outbox.open_replies(full, most)}


def _repeated(letters: Sequence[Leased]) -> list[LetterId]:
    """Return the replies that another one after them equals."""
    last = {(one.patient_id, one.outgoing.to, one.outgoing.content): one for one in letters}
    return [
        one.outgoing.reference
        for one in letters
        if isinstance(one.outgoing.content, Reply)
        and last[one.patient_id, one.outgoing.to, one.outgoing.content] is not one
    ]


def up_to_date(claimed: Claimed, replies: Mapping[PersonId, int]) -> Claimed:
    """Put the number of open replies, where it was looked up, in the place of the estimate."""
    state = claimed.state
    if state is None or state.pace is None or claimed.patient_id not in replies:
        return claimed
    pace = replace(state.pace, replies=replies[claimed.patient_id])
    return replace(claimed, state=state._replace(pace=pace))
