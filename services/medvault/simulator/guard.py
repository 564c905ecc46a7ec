"""The control API and the chat page answer a person's own programs and page, and no web page.

They have no authentication, so a page that somebody reads meanwhile must not use them: not by a
name of its own that points here (DNS rebinding), and not by a request across sites. The first is
told by `Host`, the second by `Origin` and `Sec-Fetch-Site`, which browsers set and pages can't.
"""

from collections.abc import Iterable
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from medvault.simulator.problems import answer

CONTROL = "/sim/"
_NAMES = (
    "This simulator does not go by that name: use its address, localhost, or the host of "
    "--public-url."
)
_ELSEWHERE = {"cross-site", "same-site"}


class Guard:
    """An ASGI application in front of another one; `names` are its host names besides localhost.

    An address as `Host` is always taken: only a name can be rebound.
    """

    def __init__(self, app: ASGIApp, names: Iterable[str | None]) -> None:
        self._app = app
        self._names = frozenset({"localhost", *(name.lower() for name in names if name)})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it as problem details."""
        if scope["type"] == "http" and (refusal := self.refusal(scope["path"], _headers(scope))):
            await answer(*refusal)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def refusal(self, path: str, headers: dict[str, str]) -> tuple[int, str] | None:
        """The status and what to do, for a request that is refused."""
        host = headers.get("host", "")
        if not self._is_ours(host):
            return HTTPStatus.MISDIRECTED_REQUEST, _NAMES
        origin = headers.get("origin")
        elsewhere = path.startswith(CONTROL) and headers.get("sec-fetch-site") in _ELSEWHERE
        if elsewhere or (origin is not None and origin.partition("://")[2] != host):
            return HTTPStatus.FORBIDDEN, "No other web page may use the simulator."
        return None

    def _is_ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return "@" not in host and (name in self._names or _is_address(name))


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _headers(scope: Scope) -> dict[str, str]:
    """The headers in lower case; one that comes twice has both values, which fit nothing."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1"), value.decode("latin-1").lower()
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found
