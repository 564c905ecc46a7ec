"""Where the access token may go: a webhook or an answer must not send it elsewhere."""

import re

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

_HOST_NAME = re.compile(r"[a-z0-9.-]+")
_PORTS = {"https": 443, "http": 80}


class AllowedHosts:
    """The API's own origin, and over HTTPS on its usual port the hosts that are listed.

    A listed host is a name, or a suffix that begins with a dot. URLs are read by urllib3, which
    also connects by them: two readers of one URL may see two hosts in it.
    """

    def __init__(self, base_url: str, listed: tuple[str, ...]) -> None:
        self._origin = _origin(parse_url(base_url))
        self._names = frozenset(name for name in listed if not name.startswith("."))
        self._suffixes = tuple(name for name in listed if name.startswith("."))

    def allow(self, url: str) -> bool:
        """Whether a file may be fetched from there, with the token."""
        try:
            parsed = parse_url(url)
        except LocationParseError:
            return False
        origin = _origin(parsed)
        if origin is None or parsed.auth is not None:
            return False
        if origin == self._origin:
            return True
        scheme, host, port = origin
        known = host in self._names or (
            host.endswith(self._suffixes) and _HOST_NAME.fullmatch(host) is not None
        )
        return known and scheme == "https" and port == _PORTS["https"]


def _origin(url: Url) -> tuple[str, str, int] | None:
    if url.scheme not in _PORTS or not url.host:
        return None
    return url.scheme, url.host, url.port or _PORTS[url.scheme]
