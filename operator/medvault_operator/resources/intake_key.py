"""The API's public key, made of the ring's active key as `medvault keys intake` makes it."""

from base64 import b64decode, b64encode

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from medvault_operator.api.v1alpha1.logins import INTAKE_KEY

_KEY_BYTES = 32
_INFO = b"medvault intake x25519 v1"


def intake_key(ring: str) -> dict[str, str] | None:
    """Return the content of its Secret, `id:base64`; none where the ring can't be read.

    `ring` has a line `id:base64 of 32 bytes` for each key, and comments behind `#`.
    """
    lines = (line.partition("#")[0].strip() for line in ring.splitlines())
    name, _, text = next(filter(None, lines), "").partition(":")
    try:
        key = b64decode(text, validate=True)
    except ValueError:
        return None
    if len(key) != _KEY_BYTES:
        return None
    private = HKDF(SHA256(), _KEY_BYTES, None, _INFO).derive(key)
    public = X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    return {INTAKE_KEY: f"{name}:{b64encode(public).decode()}\n"}
