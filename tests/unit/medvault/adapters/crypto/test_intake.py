import base64
import threading
from itertools import count
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvault.adapters.crypto.header import INTAKE, key_id_of
from medvault.adapters.crypto.intake import AGREEMENT_SECONDS, IntakeSealer
from medvault.adapters.crypto.intake_key import IntakeKey
from medvault.adapters.crypto.keyring import KEY_ID, KeyRing
from medvault.adapters.crypto.values import ValueSealer
from medvault.domain.errors import Misplaced, Permanent
from medvault.domain.identifiers import LaneId, LetterId, MediaId, PersonId, ReportId, vault_of
from medvault.domain.place import Place

RING = KeyRing.parse(f"new:{'A' * 43}=\nold:{'B' * 42}A=\n")
KEY = IntakeKey.of(RING)
SEALER, READER = IntakeSealer(KEY), ValueSealer(RING)
ROW, LANE, PERSON = UUID(int=1), LaneId(UUID(int=2)), PersonId(UUID(int=2))
VAULT = vault_of(PERSON)
UPDATE = Place.update(ROW, LANE)
BYTES = st.binary(max_size=200)
PLACES = st.builds(Place.update, st.uuids(), st.uuids()) | st.just(Place.webhook())
START = 2 + len("@new")
HEADER = START + 64
ELSEWHERE = (
    Place.own_update(ROW, PERSON), Place.state(PERSON), Place.identity(LANE, PERSON),
    Place.letter(LetterId(ROW), PERSON), Place.announcement(MediaId(ROW), VAULT),
    Place.file(MediaId(ROW), VAULT), Place.copy(MediaId(ROW), VAULT),
    Place.report(ReportId(ROW), VAULT), Place.note(ROW, VAULT),
)  # fmt: skip


class Clock:
    """A clock that a test winds on."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@given(BYTES, PLACES)
def test_what_the_api_sealed_opens_in_any_process_with_the_ring(
    plaintext: bytes, place: Place
) -> None:
    sealed = SEALER.seal(plaintext, place)
    assert READER.open(sealed, place) == ValueSealer(RING).open(sealed, place) == plaintext
    assert len(sealed) == len(plaintext) + len("new") + 95


@given(BYTES, PLACES, st.data())
def test_any_flipped_bit_is_refused(plaintext: bytes, place: Place, data: st.DataObject) -> None:
    sealed = bytearray(SEALER.seal(plaintext, place))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1) | st.integers(0, HEADER * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Permanent):
        READER.open(bytes(sealed), place)


@given(BYTES)
def test_a_value_cut_short_anywhere_or_made_longer_is_refused(plaintext: bytes) -> None:
    sealed = SEALER.seal(plaintext, UPDATE)
    for end in range(len(sealed)):
        with pytest.raises(Permanent):
            READER.open(sealed[:end], UPDATE)
    with pytest.raises(Permanent):
        READER.open(sealed + b"\0", UPDATE)


@given(BYTES, PLACES, PLACES)
def test_a_value_opens_in_no_other_place(plaintext: bytes, place: Place, other: Place) -> None:
    sealed = SEALER.seal(plaintext, place)
    for elsewhere in (other, *ELSEWHERE):
        if elsewhere != place:
            with pytest.raises(Misplaced):
                READER.open(sealed, elsewhere)


@pytest.mark.parametrize("place", ELSEWHERE, ids=lambda place: f"{place.table}.{place.column}")
def test_the_api_vouches_for_nothing_that_medvault_itself_wrote(place: Place) -> None:
    with pytest.raises(Misplaced, match="in a place that is not"):
        READER.open(SEALER.seal(b"forged", place), place)
    assert READER.open(READER.seal(b"true", place), place) == b"true"


def test_a_key_that_another_ring_derived_opens_nothing() -> None:
    sealed = SEALER.seal(b"haemoglobin", UPDATE)
    swapped = KeyRing("new", {"new": RING.keys["old"]})
    with pytest.raises(Misplaced, match="another key"):
        ValueSealer(swapped).open(sealed, UPDATE)
    with pytest.raises(Permanent, match="which is not in the key ring"):
        ValueSealer(KeyRing("old", {"old": RING.keys["old"]})).open(sealed, UPDATE)


def test_a_retired_key_of_the_ring_still_opens_what_its_public_key_sealed() -> None:
    retired = IntakeSealer(IntakeKey.of(RING, "old")).seal(b"haemoglobin", UPDATE)
    assert key_id_of(retired) == "@old"
    assert READER.open(retired, UPDATE) == b"haemoglobin"


def test_no_key_of_a_ring_can_have_the_id_of_a_public_one() -> None:
    assert KEY.id == "@new"
    assert not KEY_ID.match(INTAKE)
    with pytest.raises(ValueError, match="the id is not"):
        KeyRing.parse(f"@new:{'A' * 43}=")


def test_a_sender_of_low_order_is_refused() -> None:
    sealed = SEALER.seal(b"haemoglobin", UPDATE)
    for point in (0, 1, 2**255 - 18, 2**255 - 20):
        forged = sealed[:START] + point.to_bytes(32, "little") + sealed[START + 32 :]
        with pytest.raises(Misplaced, match="no secret"):
            READER.open(forged, UPDATE)


@pytest.mark.parametrize(
    "public",
    [
        bytes(32),
        b"\1" + bytes(31),
        bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
        bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
        *((2**255 - 19 + point).to_bytes(32, "little") for point in (-1, 0, 1)),
        KEY.public[:31] + bytes([KEY.public[31] | 0x80]),
    ],
)
def test_a_public_key_of_low_order_or_in_another_form_is_refused(public: bytes) -> None:
    with pytest.raises(ValueError, match=r"^not a public key"):
        IntakeKey.parse(f"k1:{base64.b64encode(public).decode()}")


@pytest.mark.parametrize("text", ["", "new", "new:", "@new:AAAA", f"new:{'A' * 42}", "new:*"])
def test_what_is_no_key_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(ValueError, match=r"not of the form|the id is not|not the base64") as caught:
        IntakeKey.parse(text)
    assert not text or text not in str(caught.value)


def test_a_public_key_survives_being_written_and_read() -> None:
    assert IntakeKey.parse(f" {KEY.to_text()}\n") == KEY
    assert repr(KEY) == "IntakeKey(ring_key='new')"


def test_there_is_one_agreement_a_minute_and_the_earlier_subkey_is_gone() -> None:
    clock = Clock()
    sealer = IntakeSealer(KEY, clock)
    first = [sealer.seal(b"", UPDATE)[:HEADER] for _ in range(1000)]
    clock.now = AGREEMENT_SECONDS - 1
    first.append(sealer.seal(b"", UPDATE)[:HEADER])
    assert len(set(first)) == 1
    clock.now = AGREEMENT_SECONDS
    sealer.expire()
    assert sealer._subkey is None
    assert sealer.seal(b"", UPDATE)[:HEADER] not in first


def test_sealers_that_are_copied_repeat_no_nonce() -> None:
    one, other = IntakeSealer(KEY), IntakeSealer(KEY)
    one.seal(b"", UPDATE)
    assert one._subkey
    other._until, nonces = one._until, set()
    for sealer in (one, other):
        sealer._subkey = one._subkey._replace(counter=count())
        nonces |= {sealer.seal(b"", UPDATE)[: HEADER + 12] for _ in range(10_000)}
    assert len(nonces) == 20_000
    assert len({start[:HEADER] for start in nonces}) == 1


def test_no_nonce_comes_twice_from_many_threads_while_minutes_pass() -> None:
    clock, sealed = Clock(), list[bytes]()
    sealer = IntakeSealer(KEY, clock)

    def work() -> None:
        for _ in range(500):
            clock.now += 1
            sealed.append(sealer.seal(b"", UPDATE))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({value[: HEADER + 12] for value in sealed}) == len(sealed) == 2000
    assert {READER.open(value, UPDATE) for value in sealed} == {b""}
