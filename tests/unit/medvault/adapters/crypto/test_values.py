import os
import threading
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvault.adapters.crypto.header import key_id_of
from medvault.adapters.crypto.keyring import KeyRing
from medvault.adapters.crypto.values import ValueSealer
from medvault.domain.errors import Permanent

RING = KeyRing.parse(f"new:{'A' * 43}=\nold:{'B' * 42}A=\n")
SEALER = ValueSealer(RING)
BYTES = st.binary(max_size=200)


def nonce_and_subkey(sealed: bytes) -> bytes:
    return sealed[: 2 + sealed[1] + 16 + 4]


@given(BYTES, BYTES)
def test_what_was_sealed_opens_in_any_process_with_the_ring(
    plaintext: bytes, bound_to: bytes
) -> None:
    sealed = SEALER.seal(plaintext, bound_to)
    assert SEALER.open(sealed, bound_to) == plaintext
    assert ValueSealer(RING).open(sealed, bound_to) == plaintext
    assert len(sealed) == len(plaintext) + 38 + len("new")


@given(BYTES, BYTES, st.data())
def test_any_flipped_bit_is_refused(plaintext: bytes, bound_to: bytes, data: st.DataObject) -> None:
    sealed = bytearray(SEALER.seal(plaintext, bound_to))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Permanent):
        SEALER.open(bytes(sealed), bound_to)


@given(BYTES)
def test_a_value_cut_short_anywhere_or_made_longer_is_refused(plaintext: bytes) -> None:
    sealed = SEALER.seal(plaintext, b"row")
    for end in range(len(sealed)):
        with pytest.raises(Permanent):
            SEALER.open(sealed[:end], b"row")
    with pytest.raises(Permanent):
        SEALER.open(sealed + b"\0", b"row")


@given(BYTES, BYTES, BYTES)
def test_a_value_does_not_open_elsewhere(plaintext: bytes, bound_to: bytes, other: bytes) -> None:
    sealed = SEALER.seal(plaintext, bound_to)
    if other != bound_to:
        with pytest.raises(Permanent):
            SEALER.open(sealed, other)


@given(st.binary(max_size=100))
def test_bytes_that_were_never_sealed_are_refused(noise: bytes) -> None:
    with pytest.raises(Permanent):
        SEALER.open(noise, b"row")


def test_after_a_rotation_the_old_key_opens_and_the_new_one_seals() -> None:
    before = ValueSealer(KeyRing("old", {"old": RING.keys["old"]}))
    sealed = before.seal(b"haemoglobin", b"row")
    assert key_id_of(sealed) == "old"
    assert SEALER.open(sealed, b"row") == b"haemoglobin"
    resealed = SEALER.seal(b"haemoglobin", b"row")
    assert key_id_of(resealed) == "new"
    with pytest.raises(Permanent, match="key 'new', which is not in the key ring"):
        before.open(resealed, b"row")


def test_the_same_id_with_another_key_does_not_open() -> None:
    sealed = SEALER.seal(b"haemoglobin", b"row")
    with pytest.raises(Permanent):
        ValueSealer(KeyRing("new", {"new": RING.keys["old"]})).open(sealed, b"row")


def test_a_refusal_shows_no_content() -> None:
    with pytest.raises(Permanent) as caught:
        SEALER.open(b"\x01\x0bHaemoglobin low, tell the patient on Monday morning", b"row")
    assert "aemo" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_no_nonce_comes_twice_from_many_threads() -> None:
    sealer = ValueSealer(RING)
    sealed: list[bytes] = []

    def work() -> None:
        sealed.extend([sealer.seal(b"", b"") for _ in range(2000)])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({nonce_and_subkey(value) for value in sealed}) == len(sealed) == 16_000


def test_a_subkey_is_renewed_before_its_nonces_run_out() -> None:
    sealer = ValueSealer(RING)
    sealer.seal(b"", b"")
    subkey = sealer._subkey
    assert subkey
    sealer._subkey = subkey._replace(counter=count(2**32 - 1))
    last, first = sealer.seal(b"x", b"row"), sealer.seal(b"y", b"row")
    assert nonce_and_subkey(last) == subkey.header + b"\xff" * 4
    assert not first.startswith(subkey.header)
    assert nonce_and_subkey(first).endswith(bytes(4))
    assert (sealer.open(last, b"row"), sealer.open(first, b"row")) == (b"x", b"y")


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # pytest-timeout's thread
def test_a_forked_process_does_not_seal_under_its_parents_subkey() -> None:
    sealer = ValueSealer(RING)
    before = sealer.seal(b"parent", b"row")
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, sealer.seal(b"child", b"row"))
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        theirs = pipe.read()
    assert os.waitpid(child, 0)[1] == 0
    ours = sealer.seal(b"parent", b"row")
    assert sealer.open(theirs, b"row") == b"child"
    subkeys = [nonce_and_subkey(value)[:-4] for value in (before, ours, theirs)]
    assert subkeys[0] == subkeys[1] != subkeys[2]
