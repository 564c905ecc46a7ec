"""Meta's notices of an account and not of a patient: every webhook field beside `messages`.

Their names are those of Meta's list of webhook fields (Webhooks: Fields). Under `messages` its
`errors` are of the account too, where no message or status has them.
"""

from typing import Any

import structlog

from medvault.adapters.whatsapp.errors import number
from medvault.observability import metrics

log = structlog.get_logger(__name__)


def taken(field: Any, value: dict[str, Any]) -> bool:
    """Whether a change needs no more than to be counted, which is done.

    A vault has no use for it, and Meta shows it in its own manager. A change that carries messages
    or statuses under a name that nobody knows may be a patient's, and is not for this place to
    drop.
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


def reported(error: Any) -> bool:
    """Whether an element of `errors` has a code, which is counted and logged: it needs no more."""
    code = number(error.get("code")) if type(error) is dict else None
    if code is None:
        return False
    metrics.notices["errors"].inc()
    log.warning("an error that Meta reports", code=code)
    return True
