"""What Meta tells of an account and not of a patient: every webhook field beside `messages`.

Their names are those of Meta's list of webhook fields (Webhooks: Fields).
"""

from typing import Any

from medvault.observability import metrics


def taken(field: Any, value: dict[str, Any]) -> bool:
    """Whether a change needs no more than to be counted, which is done.

    A vault has no use for it, and Meta shows it in its own manager. What carries messages or
    statuses under a name that nobody knows may be a patient's, and is not for this place to drop.
    """
    if type(field) is not str or field == "messages":
        return False
    if field in metrics.NOTICES:
        metrics.notices[field].inc()
        return True
    if "messages" in value or "statuses" in value:
        return False
    metrics.notices["other"].inc()
    return True
