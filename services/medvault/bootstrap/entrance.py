"""The API's footing: it seals what comes in, and opens nothing."""

from medvault.adapters.crypto.header import VALUES
from medvault.adapters.crypto.intake import IntakeSealer
from medvault.adapters.crypto.intake_key import IntakeKey
from medvault.adapters.crypto.keyring import KeyRing
from medvault.adapters.crypto.values import ValueSealer
from medvault.bootstrap.foundation import Footing, key_ring, secret
from medvault.domain.place import Place
from medvault.settings import InvalidSettings, Settings


class _Handover:
    """Fulfils `OneWaySealer`: by the key ring as long as somebody may not know the public key.

    Without a public key it goes on by the ring, which is gone once the public key has taken over.
    """

    def __init__(self, ring: KeyRing | None, key: IntakeKey | None) -> None:
        self._ring = None if ring is None else ValueSealer(ring, VALUES[0])
        self._public = None if key is None else IntakeSealer(key)
        found = self._ring or self._public
        if found is None:
            raise InvalidSettings(["MEDVAULT_INTAKE_KEY is missing"])
        self._by = found

    def seal(self, plaintext: bytes, place: Place) -> bytes:
        """Encrypt by whichever key it is now."""
        return self._by.seal(plaintext, place)

    def write_newest(self) -> None:
        """Seal by the public key, or else in the ring's newest format."""
        if self._public is not None:
            self._by, self._ring = self._public, None
        elif self._ring is not None:
            self._ring.write(VALUES[-1])

    def expire(self) -> None:
        """Forget what values were sealed with earlier."""
        if self._public is not None:
            self._public.expire()


class Entrance(Footing):
    """The API's footing. It takes the intake's public key, and the key ring in its absence."""

    def __init__(self, settings: Settings) -> None:
        ring = None if settings.keys is None else key_ring(settings)
        self.sealer = _Handover(ring, _public_key(settings, ring))
        super().__init__(settings.model_copy(update={"keys": None}), self.sealer)

    def write_newest(self) -> None:
        """Seal by the public key from now on, where there is one."""
        self.sealer.write_newest()

    def check(self) -> None:
        """Renew formats, and forget what values were sealed with earlier."""
        self.sealer.expire()
        self.renew_formats()


def intake_key(settings: Settings) -> str:
    """Return the public key of the ring's first key, as MEDVAULT_INTAKE_KEY takes it."""
    return IntakeKey.of(key_ring(settings)).to_text()


def _public_key(settings: Settings, ring: KeyRing | None) -> IntakeKey | None:
    """Read the public key: nobody could open what another one than the ring's own had sealed."""
    if settings.intake_key is None:
        return None
    try:
        key = IntakeKey.parse(secret(settings.intake_key))
        if ring is not None and key not in (IntakeKey.of(ring, id) for id in ring.keys):
            raise ValueError("it belongs to no key of MEDVAULT_KEYS")
    except ValueError as error:
        raise InvalidSettings([f"MEDVAULT_INTAKE_KEY: {error}"]) from None
    return key
