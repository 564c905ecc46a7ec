import os
import threading
from itertools import count
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvault.adapters.crypto.header import VALUES, key_id_of
from medvault.adapters.crypto.intake import IntakeSealer
from medvault.adapters.crypto.intake_key import IntakeKey
from medvault.adapters.crypto.keyring import KeyRing
from medvault.adapters.crypto.subkeys import SubkeySealer
from medvault.adapters.crypto.values import ValueSealer
from medvault.domain.errors import Permanent
from medvault.domain.identifiers import LetterId, PersonId, VaultId
from medvault.domain.place import Place

RING = KeyRing.parse(f"new:{'A' * 43}=\nold:{'B' * 42}A=\n")
SEALERS = [ValueSealer(RING, form) for form in VALUES]
SEALER = SEALERS[-1]
ROW = Place.letter(LetterId(UUID(int=1)), PersonId(UUID(int=2)))
BYTES = st.binary(max_size=200)
PLACES = st.builds(
    Place, st.sampled_from(["outbox", "media"]), st.just("content"), st.uuids(), st.uuids()
)


def header_and_nonce(sealed: bytes) -> bytes:
    return sealed[: 2 + sealed[1] + 64 + 12]


@given(BYTES, PLACES, st.sampled_from(SEALERS))
def test_what_was_sealed_opens_in_any_process_with_the_ring(
    plaintext: bytes, place: Place, writer: ValueSealer
) -> None:
    sealed = writer.seal(plaintext, place)
    assert SEALER.open(sealed, place) == plaintext
    assert ValueSealer(RING).open(sealed, place) == plaintext
    assert len(sealed) == len(plaintext) + len("new") + (38 if sealed[0] == 1 else 94)


@given(BYTES, PLACES, st.sampled_from(SEALERS), st.data())
def test_any_flipped_bit_is_refused(
    plaintext: bytes, place: Place, writer: ValueSealer, data: st.DataObject
) -> None:
    sealed = bytearray(writer.seal(plaintext, place))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Permanent):
        SEALER.open(bytes(sealed), place)


@given(BYTES)
def test_a_value_cut_short_anywhere_or_made_longer_is_refused(plaintext: bytes) -> None:
    sealed = SEALER.seal(plaintext, ROW)
    for end in range(len(sealed)):
        with pytest.raises(Permanent):
            SEALER.open(sealed[:end], ROW)
    with pytest.raises(Permanent):
        SEALER.open(sealed + b"\0", ROW)


@given(BYTES, PLACES)
def test_a_value_opens_in_no_other_table_column_row_or_vault(
    plaintext: bytes, place: Place
) -> None:
    sealed = SEALER.seal(plaintext, place)
    for other in (
        place._replace(table="reports"),
        place._replace(column="sealed"),
        place._replace(row=UUID(int=place.row.int ^ 1)),
        place._replace(vault=VaultId(UUID(int=place.vault.int ^ 1))),
        place._replace(row=place.vault, vault=VaultId(place.row)),
    ):
        if other != place:
            with pytest.raises(Permanent):
                SEALER.open(sealed, other)


def test_the_earlier_format_opens_for_another_vault_and_the_newest_does_not() -> None:
    other = ROW._replace(vault=VaultId(UUID(int=3)))
    assert SEALER.open(SEALERS[0].seal(b"haemoglobin", ROW), other) == b"haemoglobin"
    with pytest.raises(Permanent):
        SEALER.open(SEALER.seal(b"haemoglobin", ROW), other)


def test_a_value_is_committed_to_its_key_before_anything_is_decrypted() -> None:
    sealed = bytearray(SEALER.seal(b"haemoglobin", ROW))
    sealed[2 + len("new") + 32] ^= 1
    with pytest.raises(Permanent, match="another key"):
        SEALER.open(bytes(sealed), ROW)
    with pytest.raises(Permanent, match="another key"):
        ValueSealer(KeyRing("new", {"new": RING.keys["old"]})).open(SEALER.seal(b"", ROW), ROW)


def test_a_format_is_written_from_when_it_is_asked_for() -> None:
    sealer = ValueSealer(RING, VALUES[0])
    assert sealer.seal(b"", ROW)[0] == 1
    sealer.write(VALUES[1])
    assert sealer.seal(b"", ROW)[0] == 3


def test_clones_of_a_processs_memory_never_use_a_nonce_twice() -> None:
    counted = [ValueSealer(RING), ValueSealer(RING)]
    counted[0].seal(b"", ROW)
    counted[1]._subkey = counted[0]._subkey
    assert counted[0]._subkey
    start = counted[0]._subkey.header
    nonces = set()
    for sealer in counted:
        subkey = sealer._subkey
        assert subkey
        sealer._subkey = subkey._replace(counter=count())
        nonces |= {sealer.seal(b"", ROW)[len(start) : len(start) + 12] for _ in range(20_000)}
    assert len(nonces) == 40_000


@given(st.binary(max_size=100))
def test_bytes_that_were_never_sealed_are_refused(noise: bytes) -> None:
    with pytest.raises(Permanent):
        SEALER.open(noise, ROW)


def test_after_a_rotation_the_old_key_opens_and_the_new_one_seals() -> None:
    before = ValueSealer(KeyRing("old", {"old": RING.keys["old"]}))
    sealed = before.seal(b"haemoglobin", ROW)
    assert key_id_of(sealed) == "old"
    assert SEALER.open(sealed, ROW) == b"haemoglobin"
    resealed = SEALER.seal(b"haemoglobin", ROW)
    assert key_id_of(resealed) == "new"
    with pytest.raises(Permanent, match="key 'new', which is not in the key ring"):
        before.open(resealed, ROW)


def test_the_same_id_with_another_key_does_not_open() -> None:
    sealed = SEALER.seal(b"haemoglobin", ROW)
    with pytest.raises(Permanent):
        ValueSealer(KeyRing("new", {"new": RING.keys["old"]})).open(sealed, ROW)


def test_a_refusal_shows_no_content() -> None:
    with pytest.raises(Permanent) as caught:
        SEALER.open(b"\x01\x0bHaemoglobin low, tell the patient on Monday morning", ROW)
    assert "aemo" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_no_nonce_comes_twice_from_many_threads() -> None:
    sealer = ValueSealer(RING)
    sealed: list[bytes] = []

    def work() -> None:
        sealed.extend([sealer.seal(b"", ROW) for _ in range(2000)])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({header_and_nonce(value) for value in sealed}) == len(sealed) == 16_000


def test_a_subkey_is_renewed_before_its_nonces_run_out() -> None:
    sealer = ValueSealer(RING)
    sealer.seal(b"", ROW)
    subkey = sealer._subkey
    assert subkey
    sealer._subkey = subkey._replace(counter=count(2**32 - 1))
    last, first = sealer.seal(b"x", ROW), sealer.seal(b"y", ROW)
    assert last.startswith(subkey.header)
    assert header_and_nonce(last).endswith(b"\xff" * 4)
    assert not first.startswith(subkey.header)
    assert header_and_nonce(first).endswith(bytes(4))
    assert (sealer.open(last, ROW), sealer.open(first, ROW)) == (b"x", b"y")


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # pytest-timeout's thread
@pytest.mark.parametrize("sealer", [ValueSealer(RING), IntakeSealer(IntakeKey.of(RING))])
def test_a_forked_process_does_not_seal_under_its_parents_subkey(sealer: SubkeySealer) -> None:
    place = Place.webhook()
    before = sealer.seal(b"parent", place)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, sealer.seal(b"child", place))
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        theirs = pipe.read()
    assert os.waitpid(child, 0)[1] == 0
    ours = sealer.seal(b"parent", place)
    assert SEALER.open(theirs, place) == b"child"
    subkeys = [header_and_nonce(value)[:-12] for value in (before, ours, theirs)]
    assert subkeys[0] == subkeys[1] != subkeys[2]
