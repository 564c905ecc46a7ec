"""The moment that a conversation's step is decided on, besides state and event, and its outcome."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from uuid import UUID

from medvault.domain.conversation.effects import Effect
from medvault.domain.conversation.state import Conversation
from medvault.domain.pin import SCRYPT, Scrypt
from medvault.domain.understanding.date_forms import Order
from medvault.domain.understanding.english import ENGLISH
from medvault.domain.understanding.lexicon import Lexicon

Outcome = tuple[Conversation, tuple[Effect, ...]]
"""A step: the state after it, and what follows from it."""

_FURTHEST_EAST = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class Moment:
    """The time, the patient's day, fresh ids, whom to ask, how PINs are hashed and dates written.

    `zone` is the clinic's, `lexicon` has the words of the patient's language.
    """

    now: datetime
    today: date
    new_id: Callable[[], UUID]
    support_contact: str | None = None
    zone: tzinfo = UTC
    scrypt: Scrypt = SCRYPT
    order: Order = Order.DAY_FIRST
    lexicon: Lexicon = ENGLISH

    @property
    def latest(self) -> date:
        """The last day that has begun anywhere on earth: a patient may travel."""
        return (self.now.astimezone(UTC) + _FURTHEST_EAST).date()

    def speaking(self, lexicon: Lexicon) -> "Moment":
        """Return this moment for somebody whose words these are."""
        return self if lexicon is self.lexicon else replace(self, lexicon=lexicon)

    def among(self, zones: Iterable[tzinfo]) -> "Moment":
        """Return this moment for somebody who lives in one of these zones.

        Their day is the clinic's if it is the day in one of them, else the nearest to that.
        """
        clinics = self.now.astimezone(self.zone).date()
        days = {self.now.astimezone(zone).date() for zone in zones} or {clinics}
        return replace(self, today=min(days, key=lambda day: abs(day - clinics)))
