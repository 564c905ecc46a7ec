"""Media ids: the media they stand for, how long Meta knows them, where they can be downloaded."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from medvault.simulator.errors import GraphError, no_such_object
from medvault.simulator.files import SealedFiles, SealedWriter
from medvault.simulator.limits import SENDABLE, base_type
from medvault.simulator.wamids import new_media_id


@dataclass(slots=True)
class Media:
    """One file. After `expires_at` (Unix seconds) Meta denies it; the phones keep theirs.

    `shown`: a chat refers to it.
    """

    id: str
    file: str
    mime_type: str
    sha256: str
    file_size: int
    filename: str | None
    expires_at: float
    shown: bool = False


class MediaStore:
    """Every media id, and the short-lived download addresses of some."""

    def __init__(self, files: SealedFiles, clock: Callable[[], float], url_ttl: float) -> None:
        self._files = files
        self._clock = clock
        self._url_ttl = url_ttl
        self._media: dict[str, Media] = {}
        self._tokens: dict[str, tuple[str, float]] = {}

    def create(self, longest: int) -> SealedWriter:
        """A file to write an upload into."""
        return self._files.create(longest)

    def add(self, written: SealedWriter, mime_type: str, filename: str | None, ttl: float) -> Media:
        """Give a closed file a media id that lives `ttl` seconds."""
        media = Media(
            id=new_media_id(),
            file=written.name,
            mime_type=mime_type,
            sha256=written.sha256,
            file_size=written.size,
            filename=filename,
            expires_at=self._clock() + ttl,
        )
        self._media[media.id] = media
        return media

    def restore(self, record: dict[str, Any]) -> None:
        """Put back, or bring up to date, a media id from the journal."""
        media = Media(**record)
        if media.expires_at or media.shown:
            self._media[media.id] = media
        else:
            self._media.pop(media.id, None)

    def alive(self, media_id: str) -> Media:
        """The media Meta still knows.

        Raises:
            GraphError: 100 with subcode 33, unknown or expired.
        """
        media = self._media.get(media_id)
        if media is None or media.expires_at <= self._clock():
            raise no_such_object(media_id)
        return media

    def sendable(self, kind: str, media_id: str) -> Media:
        """The media a message of this type may carry.

        Raises:
            GraphError: 100 unknown or expired, 131053 of another kind than the message.
        """
        try:
            media = self.alive(media_id)
        except GraphError:
            details = f"Param {kind}['id'] is not a valid media attachment id."
            raise GraphError(100, details) from None
        if base_type(media.mime_type) not in SENDABLE[kind]:
            raise GraphError(131053, f"A message of type {kind} can't carry {media.mime_type}.")
        return media

    def get(self, media_id: str) -> Media | None:
        """Also what has expired at Meta but is still on a phone."""
        return self._media.get(media_id)

    def expire(self, media: Media) -> None:
        """From now on Meta denies this id."""
        media.expires_at = 0.0

    def delete(self, media: Media) -> None:
        """As asked by the business: the bytes go too, unless a phone shows them."""
        self.expire(media)
        if not media.shown:
            self._files.delete(media.file)
            del self._media[media.id]

    def read(self, media: Media) -> Iterator[bytes]:
        """Its bytes in pieces."""
        return self._files.read(media.file)

    def written(self, file: SealedWriter) -> Iterator[bytes]:
        """The bytes in pieces of a file that has no media id yet."""
        return self._files.read(file.name)

    def new_token(self, media: Media) -> str:
        """The opaque part of a new download address."""
        now = self._clock()
        for token, (_, until) in list(self._tokens.items()):
            if until > now:
                break
            del self._tokens[token]
        token = secrets.token_urlsafe(24)
        self._tokens[token] = (media.id, now + self._url_ttl)
        return token

    def at_token(self, token: str) -> Media | None:
        """The media that a download address leads to while it lives."""
        media_id, until = self._tokens.get(token, ("", 0.0))
        return self._media.get(media_id) if until > self._clock() else None


def recorded(media: Media) -> dict[str, Any]:
    """The journal's record of a media id."""
    return asdict(media)
