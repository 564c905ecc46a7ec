"""The numbers whose webhooks are taken: an app sends those of all its numbers to one address."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from medvault.observability import metrics


def _today() -> date:
    return datetime.now(UTC).date()


@dataclass(frozen=True, slots=True)
class Numbers:
    """A vault's number by its id at Meta, None where that is not known.

    Statuses of `earlier` numbers are taken up to a certain day: they are still on their way when a
    vault moves to another number.
    """

    own: str | None = None
    earlier: Mapping[str, date] = field(default_factory=dict)
    today: Callable[[], date] = _today

    def ours(self, change: dict[str, Any], number: str) -> dict[str, Any] | None:
        """Return the part of another number's change that is for this vault, None if there is none.

        That is a value that has statuses only; the rest is counted.
        """
        value, until = change["value"], self.earlier.get(number)
        taken = until is not None and change.get("field") == "messages" and self.today() <= until
        parts = ("messages", "errors") if taken else ("messages", "statuses", "errors")
        refused = sum(_count(value[part]) for part in parts if part in value)
        reason = "another_number" if until is None else "earlier_number"
        if taken and value.get("statuses") is not None:
            metrics.refused_updates[reason].inc(refused)
            return {name: part for name, part in value.items() if name not in parts}
        metrics.refused_updates[reason].inc(refused or 1)
        return None


def _count(value: Any) -> int:
    return len(value) if type(value) is list else 1
