"""Blocking calls to the Graph API, their failures told apart."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import NoReturn

from urllib3 import BaseHTTPResponse, PoolManager, Timeout
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)

from medvault.adapters.whatsapp.errors import reaction, read_error
from medvault.adapters.whatsapp.options import WhatsAppOptions
from medvault.domain.errors import Expired, Permanent, Transient, Unavailable
from medvault.domain.outbound import Reaction

_TIMEOUT = Timeout(connect=3, read=20)


class Calls:
    """An authorised client that follows no redirect and repeats nothing by itself."""

    def __init__(self, options: WhatsAppOptions) -> None:
        self._token = options.token
        self._pool = PoolManager(maxsize=options.connections, timeout=_TIMEOUT, retries=False)

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._pool.clear()

    def answer(
        self,
        method: str,
        url: str,
        body: Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """Call and return the answer's body.

        Raises `Expired` where Meta knows no such object, `Unavailable` where it can't be reached
        or serves this account nothing, else `Transient` or `Permanent`.
        """
        with passing(), heard():
            response = self._pool.request(
                method, url, body=body, headers=self._headers(headers), redirect=False
            )
            answer = response.data
        if response.status != 200:
            fail(response.status, answer)
        return answer

    def open(self, url: str) -> BaseHTTPResponse:
        """Begin a download, whatever its status; the caller closes it."""
        with passing(), heard():
            return self._pool.request(
                "GET", url, headers=self._headers(None), redirect=False, preload_content=False
            )

    def _headers(self, more: Mapping[str, str] | None) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self._token()}",
            "Accept-Encoding": "identity",
            **(more or {}),
        }


@contextmanager
def passing() -> Iterator[None]:
    """Translate what the network does to a call."""
    try:
        yield
    except (NewConnectionError, ConnectTimeoutError, SSLError):
        raise Unavailable("whatsapp") from None
    except HTTPError:
        raise Transient("the connection to WhatsApp broke") from None


@contextmanager
def heard() -> Iterator[None]:
    """Translate silence: where no answer begins it is Meta that is away, whatever was asked."""
    try:
        yield
    except ReadTimeoutError:
        raise Unavailable("whatsapp") from None


def fail(status: int, answer: bytes) -> NoReturn:
    """Raise what an answer other than 200 means."""
    error = read_error(answer)
    if error.no_such_object:
        raise Expired("WhatsApp has this file no longer")
    told = f"WhatsApp answered {status}, code {error.code}"
    match reaction(error.code, status):
        case Reaction.STOP_LINE:
            raise Unavailable("whatsapp")
        case Reaction.RETRY | Reaction.UNKNOWN | Reaction.NUMBER_RATE | Reaction.PAIR_RATE:
            raise Transient(told)
        case _:
            raise Permanent(told)
