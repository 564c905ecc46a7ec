"""Blocking calls to the Graph API, their failures told apart."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import NoReturn

from urllib3 import BaseHTTPResponse, Timeout
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)

from medvault.adapters.whatsapp.errors import reaction, read_error
from medvault.adapters.whatsapp.options import WhatsAppOptions
from medvault.adapters.whatsapp.time_limits import SILENCE, PatientPool, patience
from medvault.domain.errors import Expired, Permanent, Transient, Unavailable
from medvault.domain.outbound import Reaction

MAX_ANSWER = 1024 * 1024
"""Bytes; Meta's answers have some hundred."""
LEAST_RATE = 128 * 1024
"""Bytes a second that a file has to come with, after what any answer may take."""

_TIMEOUT = Timeout(connect=3, read=SILENCE)


class Calls:
    """An authorised client that follows no redirect and repeats nothing by itself."""

    def __init__(self, options: WhatsAppOptions) -> None:
        self._token = options.token
        self._pool = PatientPool(maxsize=options.connections, timeout=_TIMEOUT, retries=False)

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
        or serves this account nothing, else `Transient` or `Permanent`. An answer that has not come
        after `time_limits.ANSWER` seconds of waiting counts as none, and nobody reads more than
        `MAX_ANSWER`.
        """
        with passing(), heard():
            response = self._pool.request(
                method,
                url,
                body=body,
                headers=self._headers(headers),
                redirect=False,
                preload_content=False,
            )
            answer = whole(response)
        if response.status != 200:
            fail(response.status, answer or b"")
        if answer is None:
            raise Transient("WhatsApp's answer is too large to be one")
        return answer

    def open(self, url: str, size: int) -> BaseHTTPResponse:
        """Begin a download of so many bytes, whatever its status; the caller closes it.

        It may be waited for as long as it takes at `LEAST_RATE`.
        """
        with passing(), heard(), patience(size / LEAST_RATE):
            return self._pool.request(
                "GET", url, headers=self._headers(None), redirect=False, preload_content=False
            )

    def _headers(self, more: Mapping[str, str] | None) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self._token()}",
            "Accept-Encoding": "identity",
            **(more or {}),
        }


def whole(response: BaseHTTPResponse) -> bytes | None:
    """Read an answer and close it; None where it is larger than any of Meta's."""
    try:
        answer = response.read(MAX_ANSWER + 1)
    finally:
        # After the last byte its connection is back in the pool, and this closes nothing.
        response.close()
    return answer if len(answer) <= MAX_ANSWER else None


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
