"""Links: which identity opens a vault from now on."""

from typing import ClassVar

from medvault.application.effects.collector import Cause
from medvault.domain.conversation.effects import LinkIdentity
from medvault.domain.identity import Contact
from medvault.ports.persistence import Claimed, UnitOfWork


class Links:
    """Gathers who opens a vault from now on."""

    TAKES: ClassVar[tuple[type, ...]] = (LinkIdentity,)

    def __init__(self) -> None:
        self._links: list[tuple[Claimed, Contact]] = []

    def take(self, effect: LinkIdentity, cause: Cause) -> None:
        """Gather an identity."""
        self._links.append((cause.claimed, effect.contact))

    def write(self, work: UnitOfWork) -> None:
        """Let each open its vault."""
        for claimed, contact in self._links:
            work.conversations.link(claimed, contact)
