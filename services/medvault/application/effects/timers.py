"""Timers: those that conversations set."""

from typing import ClassVar

from medvault.application.effects.collector import Cause
from medvault.domain.conversation.effects import SetTimer
from medvault.domain.conversation.timers import TimerName
from medvault.domain.identifiers import PersonId
from medvault.ports.persistence import UnitOfWork
from medvault.ports.timers import Timer


class Timers:
    """Gathers timers; of several of one name a conversation means the last."""

    TAKES: ClassVar[tuple[type, ...]] = (SetTimer,)

    def __init__(self) -> None:
        self._set: dict[tuple[PersonId, TimerName], Timer] = {}

    def take(self, effect: SetTimer, cause: Cause) -> None:
        """Gather a timer."""
        timer = Timer(cause.patient_id, effect.name, effect.at)
        self._set[timer.patient_id, timer.name] = timer

    def write(self, work: UnitOfWork) -> None:
        """Set them."""
        work.timers.set(self.wanted)

    @property
    def wanted(self) -> list[Timer]:
        """Those to be set, each patient's once a name."""
        return list(self._set.values())
