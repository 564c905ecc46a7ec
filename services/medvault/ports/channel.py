"""The messaging channel: WhatsApp, or what stands in for it."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from medvault.domain.conversation.events import Event
from medvault.domain.media import FileKind
from medvault.domain.outbound import Answer, DeliveryStatus, Outgoing, Refused
from medvault.domain.updates import Update


class InboundReader(Protocol):
    """Understands the channel's webhooks."""

    def split(self, body: bytes) -> Sequence[Update]:
        """Cut a webhook's body into updates; a part that is not understood comes back as `KEPT`."""
        ...

    def read_message(self, content: bytes) -> "Message":
        """Read the content of an update of kind `MESSAGE`."""
        ...

    def read_status(self, content: bytes) -> DeliveryStatus | None:
        """Read the content of an update of kind `STATUS`; None where it says nothing of use."""
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """A patient's message: the event, who sent it with which key, and the channel's id.

    The id is empty where the channel told none.
    """

    event: Event
    user_id: str | None
    phone: str | None
    wamid: str
    proof: str | None = None


class Channel(Protocol):
    """Sends messages; one client for the whole process, on one event loop."""

    async def send(self, message: Outgoing, not_after: float) -> Answer:
        """Send, unless `time.monotonic()` is past `not_after` just before the socket is written.

        Never raises for what the channel or the network does: every outcome is an `Answer`.
        """
        ...

    async def probe(self) -> Refused | None:
        """Make a call that has no effect, and that works where messages can be sent."""
        ...


@dataclass(frozen=True, slots=True)
class Download:
    """A file on its way from the channel: its announced size in bytes and SHA-256 (raw)."""

    size: int
    sha256: bytes | None
    chunks: Iterator[bytes]


class MediaSource(Protocol):
    """The channel's store of files. Blocking; used by media workers."""

    def fetch(self, handle: str) -> AbstractContextManager[Download]:
        """Open a file for streaming.

        Raises `Expired` where the channel has it no longer, `Transient` for what may pass.
        """
        ...

    def upload(self, chunks: Iterable[bytes], size: int, kind: FileKind, filename: str) -> str:
        """Stream a file up and return its handle; raises `Transient` or `Permanent`."""
        ...

    def delete(self, handle: str) -> None:
        """Remove a file at the channel; a file that is gone already is no error."""
        ...
