"""A collector gathers the effects of one concern, and writes them set-based."""

from typing import Any, ClassVar, NamedTuple, Protocol

from medvault.domain.identifiers import LaneId, PersonId
from medvault.domain.identity import Contact
from medvault.ports.persistence import Claimed, UnitOfWork


class Cause(NamedTuple):
    """The cause of effects: a claimed conversation, whom it answers, and a message's wamid.

    Without a wamid no patient wrote: a verdict, a time-out, a word of the clinic.
    """

    claimed: Claimed
    to: Contact
    wamid: str | None

    @property
    def patient_id(self) -> PersonId:
        """The patient whose conversation it is."""
        return self.claimed.patient_id

    @property
    def asked(self) -> LaneId | None:
        """The identity that asked, as its blind index; None where nobody did."""
        return self.claimed.subject if self.wamid is not None else None


class Collector(Protocol):
    """Gathers effects until they are written; `TAKES` are the kinds that it is handed.

    The type checker knows them by the parameter of `take`, whose match ends in `assert_never`.
    """

    TAKES: ClassVar[tuple[type, ...]]

    def take(self, effect: Any, cause: Cause) -> None:
        """Gather an effect of a kind in `TAKES`."""
        ...

    def write(self, work: UnitOfWork) -> object:
        """Write what was gathered."""
        ...
