"""The intake's key pair (X25519, RFC 7748): the public half seals, and the key ring opens."""

from dataclasses import dataclass, field
from typing import NamedTuple, Self

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from medvault.adapters.crypto.header import INTAKE
from medvault.adapters.crypto.keyring import KEY_BYTES, KeyRing, encode_key, parse_entry
from medvault.domain.errors import Misplaced

_INFO = b"medvault intake x25519 v1"
_FIELD = 2**255 - 19


class Agreement(NamedTuple):
    """A secret of 32 bytes, the sender's public key, and what else the secret is bound to."""

    secret: bytes
    sender: bytes
    context: bytes


@dataclass(frozen=True, slots=True)
class IntakeKey:
    """A public key of 32 bytes, and the id of the ring's key that its private half comes from."""

    ring_key: str
    public: bytes = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `id:base64`; raises ValueError, which never shows what was read."""
        key_id, public = parse_entry(text.strip())
        key = cls(key_id, public)
        if int.from_bytes(public, "little") >= _FIELD:
            message = "not a public key"
            raise ValueError(message)
        key.agree()
        return key

    @classmethod
    def of(cls, ring: KeyRing, key_id: str | None = None) -> Self:
        """Derive it from the ring's current key, or another; `Permanent` if that isn't there."""
        key_id = key_id or ring.current
        return cls(key_id, _public(_private(ring, key_id)))

    def to_text(self) -> str:
        """Write it as `parse` reads it."""
        return f"{self.ring_key}:{encode_key(self.public)}"

    @property
    def id(self) -> str:
        """How a header names it."""
        return INTAKE + self.ring_key

    def agree(self) -> Agreement:
        """Agree on a new secret as the sender; raises ValueError for a key of low order."""
        sender = X25519PrivateKey.generate()
        try:
            secret = sender.exchange(X25519PublicKey.from_public_bytes(self.public))
        except ValueError:
            message = "not a public key: no secret comes from it"
            raise ValueError(message) from None
        return Agreement(secret, _public(sender), _context(self.public))


def agreed(ring: KeyRing, id: str, sender: bytes) -> Agreement:
    """Come to the secret that a sender agreed on; `Permanent` without the ring's key."""
    private = _private(ring, id.removeprefix(INTAKE))
    try:
        secret = private.exchange(X25519PublicKey.from_public_bytes(sender))
    except ValueError:
        message = "sealed with a key that no secret comes from, or damaged"
        raise Misplaced(message) from None
    return Agreement(secret, sender, _context(_public(private)))


def _private(ring: KeyRing, key_id: str) -> X25519PrivateKey:
    derived = HKDF(SHA256(), KEY_BYTES, None, _INFO).derive(ring.master(key_id))
    return X25519PrivateKey.from_private_bytes(derived)


def _public(private: X25519PrivateKey) -> bytes:
    return private.public_key().public_bytes_raw()


def _context(public: bytes) -> bytes:
    return INTAKE.encode() + public
