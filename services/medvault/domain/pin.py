"""The PIN by which a patient proves who they are: six digits, five tries, then a pause."""

import hashlib
import hmac
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from medvault.domain.understanding import typed

TRIES = 5
_FIRST_PAUSE = timedelta(hours=1)
_LONGEST_PAUSE = timedelta(days=7)
_BETWEEN_CHANGES = timedelta(minutes=1)
_BLOCK = 8
_MOST_MEMORY = 64 * 1024 * 1024
_MAX_DIGITS = 32
_DIGITS = re.compile(r"\d(?:[ -]?\d)*")
_RUNS = ("01234567890", "09876543210")
_WORST = frozenset({"121212", "123123", "112233", "123321"})


@dataclass(frozen=True, slots=True)
class Scrypt:
    """How a PIN is hashed: scrypt (RFC 7914) as it was meant for logins, N = 2^14, r = 8, p = 1.

    That takes 16 MiB and some 50 ms of a core. A million PINs are tried in a day all the same, so
    what protects them is that the hash is sealed and tries are counted.
    """

    cost: int = 14

    def hashed(self, digits: str, salt: bytes) -> str:
        """Return what is kept of a PIN: cost, salt and hash."""
        return f"{self.cost}:{salt.hex()}:{_derived(digits, salt, self.cost).hex()}"

    @staticmethod
    def matches(digits: str, hashed: str) -> bool:
        """Whether these are the digits that were hashed."""
        cost, salt, digest = hashed.split(":")
        found = _derived(digits, bytes.fromhex(salt), int(cost))
        return hmac.compare_digest(found, bytes.fromhex(digest))


SCRYPT = Scrypt()


def _derived(digits: str, salt: bytes, cost: int) -> bytes:
    return hashlib.scrypt(
        digits.encode(), salt=salt, n=1 << cost, r=_BLOCK, p=1, maxmem=_MOST_MEMORY, dklen=32
    )


@dataclass(frozen=True, slots=True)
class Pin:
    """A PIN that is set: its hash, the wrong tries since the last right one, the pauses so far."""

    hashed: str
    set_at: datetime
    wrong: int = 0
    pauses: int = 0
    shut_until: datetime | None = None

    def may_change(self, now: datetime) -> bool:
        """Whether it is old enough to be replaced: each hash costs time."""
        return now >= self.set_at + _BETWEEN_CHANGES

    def pause(self, now: datetime) -> timedelta | None:
        """How long no try is taken; None where one is."""
        if self.shut_until is None or self.shut_until <= now:
            return None
        return self.shut_until - now


class Result(StrEnum):
    """The result of a try."""

    RIGHT = "right"
    WRONG = "wrong"
    SHUT = "shut"


def attempt(pin: Pin, digits: str, now: datetime) -> tuple[Pin, Result]:
    """Take one try; after five wrong ones none is taken for an hour, then two, up to a week.

    During a pause nothing is computed, so that tries cost no more than five hashes an hour.
    """
    if pin.pause(now) is not None:
        return pin, Result.SHUT
    if Scrypt.matches(digits, pin.hashed):
        return replace(pin, wrong=0, pauses=0, shut_until=None), Result.RIGHT
    wrong = pin.wrong + 1
    if wrong < TRIES:
        return replace(pin, wrong=wrong, shut_until=None), Result.WRONG
    pause = min(_FIRST_PAUSE * 2 ** min(pin.pauses, 10), _LONGEST_PAUSE)
    shut = replace(pin, wrong=0, pauses=pin.pauses + 1, shut_until=now + pause)
    return shut, Result.SHUT


def read(text: str) -> str | None:
    """Return the digits of a text that has nothing else in it, spaces and dashes left out."""
    said = typed.plain(text[: _MAX_DIGITS + 1]).strip(" .")
    return re.sub(r"\D", "", said) if _DIGITS.fullmatch(said) else None


def fits(digits: str | None) -> bool:
    """Whether these can be a PIN."""
    return digits is not None and len(digits) == 6


def too_easy(digits: str) -> bool:
    """Whether everybody would try this one first: a single digit, a run, a handful more."""
    single = len(set(digits)) == 1
    return single or digits in _WORST or any(digits in run for run in _RUNS)
