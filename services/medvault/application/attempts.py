"""Tries that are counted before they begin, because somebody may have died in an earlier one."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from medvault.domain.dead_letters import MAX_ATTEMPTS, DeadUpdate, Failure, Reason
from medvault.domain.identifiers import LaneId
from medvault.ports.persistence import Claimed


@dataclass(frozen=True, slots=True)
class Attempts:
    """How conversations are tried: together the first time, then each alone with one update.

    So a conversation that only stood beside a killer has one try counted. `seqs` are the updates
    whose try is counted, those of `now`. The ones of `later` are counted when it is their turn;
    the one that was tried least comes first. `spent` died in its last try, and `ended` are the
    conversations that it held up.
    """

    now: list[LaneId] = field(default_factory=list)
    seqs: set[int] = field(default_factory=set)
    later: list[LaneId] = field(default_factory=list)
    spent: list[DeadUpdate] = field(default_factory=list)
    ended: list[LaneId] = field(default_factory=list)

    @classmethod
    def of(cls, claims: Sequence[Claimed]) -> "Attempts":
        """Decide on conversations that are held."""
        attempts = cls()
        for claimed in sorted(claims, key=_tries):
            attempts._add(claimed, alone=len(claims) == 1)
        return attempts

    def _add(self, claimed: Claimed, *, alone: bool) -> None:
        first = claimed.pending[0]
        if first.attempts >= MAX_ATTEMPTS:
            self.spent.append(DeadUpdate(first.seq, first.attempts, Failure(Reason.CRASH)))
            self.ended.append(claimed.subject)
        elif first.attempts and not alone:
            self.later.append(claimed.subject)
        else:
            self.now.append(claimed.subject)
            once = claimed.pending[:1] if first.attempts else claimed.pending
            self.seqs.update(update.seq for update in once)


def _tries(claimed: Claimed) -> int:
    return claimed.pending[0].attempts
