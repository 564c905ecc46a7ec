"""States: the memory of each conversation from now on, and the vaults that are locked."""

from collections.abc import Mapping
from typing import ClassVar, assert_never, get_args

import structlog

from medvault.application.effects.collector import Cause
from medvault.domain.conversation.effects import LockVault, UnlockVault
from medvault.domain.conversation.state import Conversation
from medvault.domain.dead_letters import DeadState, Failure
from medvault.domain.identifiers import PersonId
from medvault.observability import metrics
from medvault.ports import CachedSession
from medvault.ports.persistence import Claimed, UnitOfWork

log = structlog.get_logger(__name__)

Taken = LockVault | UnlockVault


class States:
    """Gathers states, and locks, of which a patient's last one counts."""

    TAKES: ClassVar[tuple[type, ...]] = get_args(Taken)

    def __init__(self) -> None:
        self._moved: list[tuple[Claimed, Conversation]] = []
        self._lost: list[DeadState] = []
        self._locks: dict[PersonId, LockVault | None] = {}

    def take(self, effect: Taken, cause: Cause) -> None:
        """Gather a lock or its end."""
        match effect:
            case LockVault():
                self._locks[cause.patient_id] = effect
            case UnlockVault():
                self._locks[cause.patient_id] = None
            case _:
                assert_never(effect)

    def moved(self, claimed: Claimed, state: Conversation) -> None:
        """Gather a conversation's new state, if it is one."""
        if state is not claimed.state and state != claimed.state:
            self._moved.append((claimed, state))

    def lost(self, claimed: Claimed, attempts: int, failure: Failure, lock: LockVault) -> None:
        """Give up a state; its vault is locked."""
        self._lost.append(DeadState(claimed.patient_id, attempts, failure))
        self._locks[claimed.patient_id] = lock

    def write(self, work: UnitOfWork) -> Mapping[PersonId, CachedSession]:
        """Save states and end what is on its way out of locked vaults; returns the sessions."""
        for dead in self._lost:
            work.dead_letters.bury_state(dead)
        sessions = work.conversations.save(self._moved)
        if self._locks:
            work.conversations.lock(
                {id: lock.since if lock else None for id, lock in self._locks.items()}
            )
        return sessions

    def count(self) -> None:
        """Count what was written, once it is."""
        for patient_id, lock in self._locks.items():
            if lock is not None:
                metrics.vaults_locked[lock.doubt].inc()
                log.warning("vault locked", patient_id=patient_id, reason=lock.doubt.value)
            else:
                metrics.vaults_unlocked.inc()
                log.info("vault unlocked", patient_id=patient_id)
