"""Sealed once and for all: this and every later release opens whatever was ever written."""

import hmac
from hashlib import sha256
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from medvault.adapters.crypto.files import SegmentSealer
from medvault.adapters.crypto.intake_key import IntakeKey
from medvault.adapters.crypto.keyring import KeyRing, encode_key
from medvault.adapters.crypto.values import ValueSealer
from medvault.domain.identifiers import LaneId, LetterId, MediaId, PersonId, VaultId
from medvault.domain.place import Place

MASTER = bytes(range(32))
RING = KeyRing("k1", {"k1": MASTER})
CLEAR = b"haemoglobin 13.5 g/dl"
ROW = LetterId(UUID("01910000-0000-7000-8000-000000000001"))
VAULT = PersonId(UUID("01910000-0000-7000-8000-000000000002"))
LETTER, FILE = Place.letter(ROW, VAULT), Place.file(MediaId(ROW), VaultId(VAULT))
UPDATE = Place.update(ROW, LaneId(VAULT))
SALT = bytes(range(32))
INTAKE_KEYS = {
    f"k1:{encode_key(MASTER)}": "k1:TcWQIMNkTrA4stfOVKvwhO3/ZW9FCTRUtKfG7X+L0xQ=",
    f"k2:{'/' * 42}8=": "k2:42DaMzo+gMJxxLWwMCvHBwSu0705XEE9RBAoq03wgA0=",
}
"""Lines of a key ring, and the public key that belongs to each."""

VALUE_1 = (
    "01026b31000102030405060708090a0b0c0d0e0f0000000054f978737146a6948ecb65f135d66f6723547c149846"
    "be22e377414a0cec513cddc87ce598"
)
VALUE_3 = (
    "03026b31000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f9a0473f64e85689e5149"
    "c5443db50d21d01c6e107c04e52b1872f8b0cb0d366c6465666768696a6b00000000698267a9450ee9efc9d374e5"
    "ea101842fcf215b0b9216e2e5d156e695c2ea2145287eb817a"
)
VALUE_3_BY_INTAKE = (
    "0303406b31358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd16625405cf403a1921d6bf9c"
    "c3694b35fc387dba186de015d36e0ae06109a85e0f789b6465666768696a6b00000000462648024b07a386be3082"
    "3ebbcaec38ed8ef1d3d1d56f4200e5f69d5fb85fee63ea20ba24"
)
FILE_2 = (
    "02026b31000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f7a4d24a5b84a0cdeaa22"
    "6f724fcea8aa6d974ce2116b115b418c144e1621247448263c0a83"
)
FILE_4 = (
    "04026b31000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f28d4943a758c95852423"
    "ae2a31c357a57c18f32fec9a6217b3b3d3fbfdef752286c12f0cec6f8568ffbd48105edf55a7a22c19a12e0caabc"
    "1de39fca57b7a229092f4f2639"
)


@pytest.mark.parametrize("sealed", [VALUE_1, VALUE_3])
def test_a_value_of_each_format_opens(sealed: str) -> None:
    assert ValueSealer(RING).open(bytes.fromhex(sealed), LETTER) == CLEAR


def test_a_value_that_the_api_sealed_opens() -> None:
    assert ValueSealer(RING).open(bytes.fromhex(VALUE_3_BY_INTAKE), UPDATE) == CLEAR


@pytest.mark.parametrize(("line", "public"), INTAKE_KEYS.items(), ids=["k1", "k2"])
def test_each_key_of_a_ring_has_its_public_key(line: str, public: str) -> None:
    ring = KeyRing.parse(f"other:{encode_key(SALT[::-1])}\n{line}")
    key_id = line.partition(":")[0]
    assert IntakeKey.of(KeyRing.parse(line)).to_text() == public
    assert IntakeKey.of(ring, key_id) == IntakeKey.parse(public)


@pytest.mark.parametrize("sealed", [FILE_2, FILE_4])
def test_a_file_of_each_format_opens(sealed: str) -> None:
    assert b"".join(SegmentSealer(RING).open([bytes.fromhex(sealed)], FILE)) == CLEAR


def test_a_value_of_format_3_can_be_made_from_its_description() -> None:
    derived = hkdf(SALT, b"medvault value v3", 64)
    start = b"\x03\x02k1" + SALT + derived[32:]
    nonce = bytes(range(100, 108)) + bytes(4)
    place = b"outbox.content\0" + ROW.bytes + VAULT.bytes
    sealed = AESGCM(derived[:32]).encrypt(nonce, CLEAR, start + nonce + place)
    assert (start + nonce + sealed).hex() == VALUE_3


def test_a_value_of_the_api_can_be_made_from_its_description() -> None:
    private = X25519PrivateKey.from_private_bytes(hkdf(bytes(32), b"medvault intake x25519 v1", 32))
    recipient = private.public_key()
    sender = X25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
    salt = sender.public_key().public_bytes_raw()
    info = b"medvault value v3@" + recipient.public_bytes_raw()
    derived = hkdf(salt, info, 64, sender.exchange(recipient))
    start = b"\x03\x03@k1" + salt + derived[32:]
    nonce = bytes(range(100, 108)) + bytes(4)
    place = b"inbox.content\0" + ROW.bytes + VAULT.bytes
    sealed = AESGCM(derived[:32]).encrypt(nonce, CLEAR, start + nonce + place)
    assert (start + nonce + sealed).hex() == VALUE_3_BY_INTAKE


def test_a_file_of_format_4_can_be_made_from_its_description() -> None:
    place = b"files.content\0" + ROW.bytes + VAULT.bytes
    derived = hkdf(SALT, b"medvault file v4\0" + place, 32 + 7 + 32)
    start = b"\x04\x02k1" + SALT + derived[39:]
    last = derived[32:39] + bytes(4) + b"\x01"
    assert (start + AESGCM(derived[:32]).encrypt(last, CLEAR, start)).hex() == FILE_4


def hkdf(salt: bytes, info: bytes, length: int, master: bytes = MASTER) -> bytes:
    """HKDF-SHA256 as RFC 5869 has it."""
    key, block, out = hmac.digest(salt, master, sha256), b"", b""
    for number in range(1, -(-length // 32) + 1):
        block = hmac.digest(key, block + info + bytes([number]), sha256)
        out += block
    return out[:length]
