"""The API's sealing, for processes that have the key ring: the API itself has none."""

import time
from collections.abc import Callable

from medvault.adapters.crypto import header
from medvault.adapters.crypto.header import VALUES
from medvault.adapters.crypto.intake_key import IntakeKey
from medvault.adapters.crypto.subkeys import Subkey, SubkeySealer
from medvault.domain.place import Place

AGREEMENT_SECONDS = 60.0


class IntakeSealer(SubkeySealer):
    """Fulfils `OneWaySealer` with a public key, in format 3; thread-safe.

    The sender's private half is gone as soon as the two sides have agreed. Until the minute is over
    the process keeps the agreed subkey; without the ring, nobody opens what it sealed before.
    """

    def __init__(self, key: IntakeKey, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._key = key
        self._clock = clock
        self._until = 0.0

    def seal(self, plaintext: bytes, place: Place) -> bytes:
        """Encrypt under this minute's subkey; adds 95 bytes and the length of the ring key's id."""
        self.expire()
        return super().seal(plaintext, place)

    def expire(self) -> None:
        """Forget the subkey of a minute that is over."""
        if self._clock() >= self._until:
            self.renew()

    def _fresh(self) -> Subkey:
        self._until = self._clock() + AGREEMENT_SECONDS
        agreement = self._key.agree()
        start = header.begin(VALUES[-1], self._key.id, agreement.sender)
        secret, commitment = header.derive(start, agreement.secret, agreement.context)
        return Subkey.begin(VALUES[-1], start + commitment, secret)
