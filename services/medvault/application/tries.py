"""Tries that are counted before they begin, because somebody may have died in an earlier one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from medvault.domain.dead_letters import MAX_TRIES, DeadUpdate, Failure, Reason
from medvault.ports.persistence import Claimed


@dataclass(frozen=True, slots=True)
class Tries:
    """How conversations are tried: together the first time, then each alone with one update.

    So whoever only stood beside a killer has one try counted. `spent` died in its last one, and
    `ended` are the conversations that it held up.
    """

    together: list[UUID] = field(default_factory=list)
    alone: list[UUID] = field(default_factory=list)
    seqs: set[int] = field(default_factory=set)
    spent: list[DeadUpdate] = field(default_factory=list)
    ended: list[UUID] = field(default_factory=list)

    @classmethod
    def of(cls, claims: Sequence[Claimed]) -> "Tries":
        """Decide on conversations that are held."""
        tries = cls()
        for claimed in claims:
            tries._add(claimed)
        return tries

    def _add(self, claimed: Claimed) -> None:
        first = claimed.pending[0]
        if first.attempts >= MAX_TRIES:
            self.spent.append(DeadUpdate(first.seq, first.attempts, Failure(Reason.CRASH)))
            self.ended.append(claimed.subject)
        elif first.attempts:
            self.alone.append(claimed.subject)
            self.seqs.add(first.seq)
        else:
            self.together.append(claimed.subject)
            self.seqs.update(update.seq for update in claimed.pending)
