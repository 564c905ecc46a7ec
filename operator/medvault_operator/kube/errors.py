"""Failures of a call: refused until something changes, or worth another try."""

_LONGEST = 300


class ApiError(Exception):
    """A call to the Kubernetes API that had no effect, or none that is known of.

    `reason` is fit for a log: Kubernetes' word, the class of what failed below, or our own advice.
    """

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason or type(self).__name__


class Away(ApiError):
    """The API server did not answer, was overloaded or failed; the same call may work later."""


class NotLeading(ApiError):
    """Another replica may lead by now, so nothing was written."""


class Refused(ApiError):
    """The API server said no: `status` is HTTP's, `reason` Kubernetes', `message` a sentence."""

    def __init__(self, status: int, reason: str, message: str = "") -> None:
        super().__init__(f"{reason} ({status})")
        self.status = status
        self.reason = reason
        self.message = shorten(message)


class Conflict(Refused):
    """The write was based on an old version, or the object exists already."""


class Missing(Refused):
    """The object, its namespace or its kind does not exist."""


class Terminating(Refused):
    """The namespace is being deleted, so nothing can be made in it."""


def shorten(text: str) -> str:
    """Return a text on one line of 300 characters at most."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
