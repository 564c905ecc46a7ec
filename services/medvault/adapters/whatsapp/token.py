"""The access token, which may be replaced while the process runs."""

import time
from collections.abc import Callable
from pathlib import Path

LOOK_EVERY = 1.0


class TokenFile:
    """Follows its file; a file that is empty or gone leaves the token as it was."""

    def __init__(self, path: Path, token: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._token = token
        self._clock = clock
        self._look_at = clock() + LOOK_EVERY

    def __call__(self) -> str:
        """Return the token as it was `LOOK_EVERY` seconds ago, or later."""
        if self._clock() >= self._look_at:
            self._look_at = self._clock() + LOOK_EVERY
            self._token = self._read() or self._token
        return self._token

    def _read(self) -> str:
        try:
            return self._path.read_text().strip()
        except (OSError, UnicodeDecodeError):
            return ""
