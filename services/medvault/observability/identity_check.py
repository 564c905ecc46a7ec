"""Whether Meta's check of identities is on, as the messages show that this process handles."""

from threading import Lock

NOTE = "identity check"
"""Its name at `/ready`."""
_SILENT = 20
"""Messages in a row without a key, after which it is taken for off."""


class IdentityCheck:
    """Remembers whether messages tell the key of who sent them. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._silent = 0
        self._state = "not known yet"

    def note(self, told: int, untold: int) -> None:
        """Take the messages of a transaction: so many told a key, so many did not."""
        with self._lock:
            self._silent = 0 if told else self._silent + untold
            if told:
                self._state = "on"
            elif self._silent >= _SILENT:
                self._state = "off"

    def __call__(self) -> str:
        """Return `on`, `off` or `not known yet`."""
        return self._state


IDENTITY_CHECK = IdentityCheck()
