"""Where dead letters are kept, and what may be done with them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from medvault.domain.dead_letters import DeadLetter, DeadState, DeadUpdate, Ending, Failure, Kind
from medvault.domain.identifiers import LetterId, MediaId, PersonId


class DeadLetters(Protocol):
    """Takes in what died, in the transaction that ends its last try."""

    def bury_updates(self, dead: Sequence[DeadUpdate]) -> None:
        """Set inbox rows aside, with their content."""
        ...

    def bury_state(self, dead: DeadState) -> None:
        """Keep a conversation's state as it is now, before another one takes its place."""
        ...

    def bury_file(self, id: MediaId, attempts: int, failure: Failure) -> None:
        """Note that a received file could not be taken into a vault."""
        ...

    def bury_replies(self, failures: Mapping[LetterId, Failure]) -> None:
        """Note which messages of the outbox could not be sent."""
        ...

    def bury_webhook(self, id: UUID, sealed: bytes, failure: Failure) -> None:
        """Keep a sealed webhook of `intake`, of which nothing is stored yet."""
        ...

    def count_webhook(self, id: UUID) -> int | None:
        """Count a try of a webhook that was tried before; None for one that is buried already."""
        ...

    def forget_webhook(self, id: UUID) -> None:
        """Forget the attempts of a webhook that is stored."""
        ...

    def open_by_kind(self) -> Mapping[str, tuple[int, float]]:
        """Return how many nobody has dealt with, and the oldest one's age in seconds."""
        ...


class DeadLetterRecords(Protocol):
    """Looks at dead letters and ends them, each under a lock of its own."""

    def listed(self, kind: Kind | None, older_than: timedelta, limit: int) -> Sequence[DeadLetter]:
        """Return those that nobody has dealt with, oldest first."""
        ...

    def lock(self, id: UUID) -> DeadLetter | None:
        """Take one, whatever has become of it, and open whose it is; None where there is none."""
        ...

    def patient(self, letter: DeadLetter) -> PersonId | None:
        """Return whose it is, where that is known."""
        ...

    def content(self, letter: DeadLetter) -> bytes | None:
        """Return its content in the clear; `Permanent` if it can't be opened, None if it's gone."""
        ...

    def unchecked(self, letter: DeadLetter) -> PersonId | None:
        """Return whose file it is, where it was kept because it could not be checked in time."""
        ...

    def replay(self, letter: DeadLetter) -> bool:
        """Put it back in line with no try counted; False where that is not possible any more."""
        ...

    def end(self, letter: DeadLetter, ending: Ending) -> None:
        """Note what became of it, and remove the part of its content that lies here."""
        ...

    def discard(self, letter: DeadLetter) -> None:
        """End it, and remove its content."""
        ...
