"""The trail: the entries that go into the audit."""

from collections.abc import Callable
from typing import ClassVar
from uuid import UUID

import structlog

from medvault.application.effects.collector import Cause
from medvault.domain.audit import Action, Entry
from medvault.domain.conversation.effects import Record
from medvault.domain.identifiers import vault_of
from medvault.observability import metrics
from medvault.ports.persistence import Claimed, UnitOfWork

log = structlog.get_logger(__name__)

_ASKED = {Action.REPORT_REQUESTED: "found", Action.REPORT_REFUSED: "refused"}


class Trail:
    """Gathers entries."""

    TAKES: ClassVar[tuple[type, ...]] = (Record,)

    def __init__(self, new_id: Callable[[], UUID]) -> None:
        self._new_id = new_id
        self.entries: list[Entry] = []

    def take(self, effect: Record, cause: Cause) -> None:
        """Gather an entry, with the identity that asked."""
        id, vault_id = self._new_id(), vault_of(cause.patient_id)
        self.entries.append(
            Entry(id, vault_id, effect.action, effect.report_id, identity=cause.asked)
        )

    def note(self, claimed: Claimed, action: Action) -> None:
        """Note something that no effect asks for."""
        self.entries.append(Entry(self._new_id(), vault_of(claimed.patient_id), action))

    def write(self, work: UnitOfWork) -> None:
        """Append to the audit."""
        work.audit.append(self.entries)

    def count(self) -> None:
        """Count what was written, once it is."""
        for entry in self.entries:
            if entry.action is Action.IDENTITY_NEW:
                metrics.vaults_left_behind.inc()
                log.warning("vault left behind", patient_id=entry.vault_id)
            if entry.action in _ASKED:
                metrics.report_requests[_ASKED[entry.action]].inc()
