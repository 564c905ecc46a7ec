"""What the application needs of the world. Adapters fulfil it; nothing here does anything."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from medvault.domain.events import Event
from medvault.domain.media import FileKind, Verdict
from medvault.domain.outbound import Answer, Delivered, Outgoing
from medvault.domain.updates import SealedUpdate, Update


class Clock(Protocol):
    """Tells the time, always with UTC as its zone."""

    def __call__(self) -> datetime:
        """Return the time now."""
        ...


class Check(Protocol):
    """A dependency that /ready asks after."""

    def __call__(self) -> None:
        """Return if the dependency answers, raise `Unavailable` if not; within one second."""
        ...


# ---- sealing -------------------------------------------------------------------------------


class Sealer(Protocol):
    """Authenticated encryption of small values: content columns, broker messages, cache entries."""

    def seal(self, plaintext: bytes, bound_to: bytes) -> bytes:
        """Encrypt under the current key; the result names its key. Opens only with `bound_to`."""
        ...

    def open(self, sealed: bytes, bound_to: bytes) -> bytes:
        """Decrypt; raises `Permanent` when the bytes, their key or `bound_to` don't fit."""
        ...


class FileSealer(Protocol):
    """Authenticated encryption of files of any size, in segments, never whole in memory."""

    def sealed_size(self, size: int) -> int:
        """Return how many bytes a file of `size` bytes takes once sealed."""
        ...

    def seal(self, chunks: Iterable[bytes], bound_to: bytes) -> Iterator[bytes]:
        """Encrypt a stream of chunks of any lengths."""
        ...

    def open(self, chunks: Iterable[bytes], bound_to: bytes) -> Iterator[bytes]:
        """Decrypt; nothing unauthenticated is given out, `Permanent` on truncation or change."""
        ...


class BlindIndex(Protocol):
    """Keyed digests that find a value without showing it."""

    def __call__(self, kind: str, value: str) -> UUID:
        """Return 128 bits of HMAC-SHA256 over kind and value."""
        ...


# ---- the channel ---------------------------------------------------------------------------


class InboundReader(Protocol):
    """Understands the channel's webhooks."""

    def split(self, body: bytes) -> Sequence[Update]:
        """Cut a webhook's body into updates; what is not understood comes back as `KEPT`."""
        ...

    def read_message(self, content: bytes) -> "Message":
        """Read the content of an update of kind `MESSAGE`."""
        ...

    def read_status(self, content: bytes) -> Delivered | None:
        """Read the content of an update of kind `STATUS`; None where it says nothing of use."""
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """What a patient sent: the event, who sent it, and the channel's id of it."""

    event: Event
    user_id: str | None
    phone: str | None
    wamid: str


class Channel(Protocol):
    """Sends messages; one client for the whole process, on one event loop."""

    async def send(self, message: Outgoing, not_after: float) -> Answer:
        """Send, unless `time.monotonic()` is past `not_after` just before the socket is written.

        Never raises for what the channel or the network does: every outcome is an `Answer`.
        """
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


# ---- files ---------------------------------------------------------------------------------


class ObjectStore(Protocol):
    """Holds sealed files under keys such as `incoming/<uuid>`. Blocking, streaming, thread-safe."""

    def put(self, key: str, chunks: Iterable[bytes], size: int) -> None:
        """Store exactly `size` bytes, durable on return; nothing is visible if `chunks` raises."""
        ...

    def get(self, key: str) -> AbstractContextManager[Iterator[bytes]]:
        """Open an object for streaming; raises `MissingObject`."""
        ...

    def copy(self, source: str, target: str) -> None:
        """Copy within the store, replacing `target`; raises `MissingObject`."""
        ...

    def delete(self, key: str) -> None:
        """Remove an object; one that is gone already is no error."""
        ...

    def keys(self, prefix: str) -> Iterator[str]:
        """List the keys that start with `prefix`."""
        ...

    def check(self) -> None:
        """Raise `Unavailable` if the store does not answer."""
        ...


class Examiner(Protocol):
    """Looks into a file from outside this process: structure first, then the virus scanner."""

    def examine(self, chunks: Iterable[bytes], kind: FileKind) -> Verdict:
        """Judge a file; raises `Unavailable` while the scanner can't be asked."""
        ...

    def to_pdf(
        self, chunks: Iterable[bytes], kind: FileKind
    ) -> AbstractContextManager["Converted"]:
        """Make a PDF of a picture; JPEG data goes in unchanged. Raises `Permanent` if it can't."""
        ...


@dataclass(frozen=True, slots=True)
class Converted:
    """A PDF made from a picture."""

    size: int
    chunks: Iterator[bytes]


# ---- broker, cache, limits -----------------------------------------------------------------


class Queue(StrEnum):
    """The queues; wake-ups carry ids and nothing else."""

    INTAKE = "intake"
    INBOUND = "inbound"
    MEDIA = "media"
    OUTBOUND = "outbound"


class Waker(Protocol):
    """Wakes workers. A lost wake-up costs time only: rows that wait too long are woken again."""

    def wake(self, queue: Queue, ids: Sequence[UUID]) -> None:
        """Tell a queue's workers to look at these ids; returns at once and never raises."""
        ...


class InboxWriter(Protocol):
    """The durable first stop of every update."""

    async def add(self, updates: Sequence[SealedUpdate]) -> None:
        """Commit updates, known keys ignored; raises `Unavailable` in time for the answer."""
        ...


class Spillway(Protocol):
    """Takes a webhook in while the database can't."""

    async def spill(self, sealed: bytes) -> None:
        """Store a sealed webhook in `intake` durably; raises `Unavailable`."""
        ...


@dataclass(frozen=True, slots=True)
class CachedSession:
    """A conversation as the cache keeps it: sealed, with the version that the database gave it."""

    version: int
    sealed: bytes


class SessionCache(Protocol):
    """Sessions by patient for 30 minutes. Losing it costs speed only: no method ever raises."""

    def store(self, sessions: Mapping[UUID, CachedSession]) -> None:
        """Write sessions through; an older version never replaces a newer one."""
        ...

    def fetch(self, patients: Sequence[UUID]) -> Mapping[UUID, CachedSession]:
        """Return those that are there."""
        ...


@dataclass(frozen=True, slots=True)
class Bucket:
    """A token bucket: `rate` tokens a second come in, at most `burst` wait in it."""

    key: str
    rate: float
    burst: int


class RateLimiter(Protocol):
    """Token buckets that all processes share, or those of one process while they can't."""

    def take(self, buckets: Sequence[Bucket]) -> Sequence[float]:
        """Take a token of each bucket; 0.0 where it was there, else the seconds until it is."""
        ...
