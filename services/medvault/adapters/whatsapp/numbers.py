"""Whose webhooks are taken: an app sends those of all its numbers to one address."""

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

    Of `earlier` numbers statuses are taken up to a day: they are still on their way when a vault
    moves to another number.
    """

    own: str | None = None
    earlier: Mapping[str, date] = field(default_factory=dict)
    today: Callable[[], date] = _today

    def ours(self, change: dict[str, Any]) -> dict[str, Any] | None:
        """Return what of a change is for this vault, None if nothing is; count the rest.

        What names no number is of the account, and for everybody.
        """
        value = change.get("value")
        metadata = value.get("metadata") if type(value) is dict else None
        found = metadata.get("phone_number_id") if type(metadata) is dict else None
        if found is None or found == self.own or self.own is None:
            return change
        return self._of_another(change, str(found))

    def _of_another(self, change: dict[str, Any], number: str) -> dict[str, Any] | None:
        value = change["value"]
        until = self.earlier.get(number)
        taken = until is not None and change.get("field") == "messages" and self.today() <= until
        parts = ("messages", "errors") if taken else ("messages", "statuses", "errors")
        refused = sum(_count(value[part]) for part in parts if part in value)
        reason = "earlier_number" if until is not None else "another_number"
        if not taken:
            metrics.refused_updates[reason].inc(refused or 1)
            return None
        metrics.refused_updates[reason].inc(refused)
        if value.get("statuses") is None:
            return None
        return {**change, "value": {k: v for k, v in value.items() if k not in parts}}


def _count(value: Any) -> int:
    return len(value) if type(value) is list else 1
