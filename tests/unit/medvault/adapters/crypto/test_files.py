import os
from collections.abc import Iterable
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvault.adapters.crypto.files import SEGMENT_BYTES, TAG_BYTES, SegmentSealer
from medvault.adapters.crypto.header import FILES, key_id_of
from medvault.adapters.crypto.keyring import KeyRing
from medvault.adapters.crypto.values import ValueSealer
from medvault.domain.errors import Permanent
from medvault.domain.identifiers import MediaId, VaultId
from medvault.domain.place import Place

RING = KeyRing.parse(f"new:{'A' * 43}=\nold:{'B' * 42}A=\n")
SEALER = SegmentSealer(RING)
HEADER = 2 + len("new") + 64
MEDIA = Place.file(MediaId(UUID(int=1)), VaultId(UUID(int=2)))
PLACES = st.builds(Place.file, st.uuids(), st.uuids())
SEALED_SEGMENT = SEGMENT_BYTES + TAG_BYTES
NOISE = os.urandom(3 * SEGMENT_BYTES + 5)
SIZES = st.one_of(
    st.integers(0, 100),
    st.integers(0, len(NOISE)),
    st.builds(
        lambda segments, by: max(0, segments * SEGMENT_BYTES + by),
        st.integers(0, 3),
        st.integers(-2, 2),
    ),
)


def sealed_file(size: int, place: Place = MEDIA) -> bytes:
    return b"".join(SEALER.seal([NOISE[:size]], place))


def given_out(sealed: Iterable[bytes], place: Place = MEDIA) -> bytes:
    """All that came out before the refusal, which must come."""
    out: list[bytes] = []
    with pytest.raises(Permanent):
        out.extend(SEALER.open(sealed, place))
    return b"".join(out)


def pieces(data: bytes, lengths: list[int]) -> list[bytes]:
    cuts = [0]
    for length in lengths:
        cuts.append(cuts[-1] + length)
    return [data[a:b] for a, b in zip(cuts, [*cuts[1:], len(data)], strict=True)]


@given(SIZES, PLACES)
def test_a_file_comes_back_and_its_sealed_size_was_known(size: int, place: Place) -> None:
    sealed = sealed_file(size, place)
    assert len(sealed) == SEALER.sealed_size(size)
    assert b"".join(SegmentSealer(RING).open([sealed], place)) == NOISE[:size]


@given(SIZES, st.lists(st.integers(0, 2 * SEGMENT_BYTES), max_size=12), st.data())
def test_chunking_does_not_matter(size: int, lengths: list[int], data: st.DataObject) -> None:
    sealed = b"".join(SEALER.seal(pieces(NOISE[:size], lengths), MEDIA))
    assert len(sealed) == SEALER.sealed_size(size)
    again = data.draw(st.lists(st.integers(0, 2 * SEGMENT_BYTES), max_size=12))
    assert b"".join(SEALER.open(pieces(sealed, again), MEDIA)) == NOISE[:size]


def test_a_file_in_single_bytes_opens() -> None:
    sealed = sealed_file(300)
    assert b"".join(SEALER.open((bytes([b]) for b in sealed), MEDIA)) == NOISE[:300]


@given(SIZES, st.data())
def test_any_flipped_bit_is_refused_and_only_true_bytes_come_before(
    size: int, data: st.DataObject
) -> None:
    sealed = bytearray(sealed_file(size))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1) | st.integers(0, HEADER * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    intact = max(0, bit // 8 - HEADER) // SEALED_SEGMENT * SEGMENT_BYTES
    assert given_out([bytes(sealed)]) == NOISE[:intact]


@given(SIZES, st.data())
def test_a_file_cut_short_anywhere_is_refused(size: int, data: st.DataObject) -> None:
    sealed = sealed_file(size)
    bounds = [HEADER + n * SEALED_SEGMENT for n in range(size // SEGMENT_BYTES + 1)]
    end = data.draw(st.integers(0, len(sealed) - 1) | st.sampled_from(bounds))
    if end < len(sealed):
        assert NOISE[:size].startswith(given_out([sealed[:end]]))


def test_a_small_file_cut_short_at_every_place_is_refused() -> None:
    sealed = sealed_file(20)
    for end in range(len(sealed)):
        assert given_out([sealed[:end]]) == b""


@pytest.mark.parametrize("size", [0, 1, SEGMENT_BYTES, 2 * SEGMENT_BYTES])
@pytest.mark.parametrize("added", [b"\0", bytes(TAG_BYTES), bytes(SEALED_SEGMENT)])
def test_appended_bytes_are_refused(size: int, added: bytes) -> None:
    given_out([sealed_file(size), added])


def test_segments_in_another_order_are_refused() -> None:
    sealed = sealed_file(3 * SEGMENT_BYTES)
    one, two, three = (
        sealed[at : at + SEALED_SEGMENT] for at in range(HEADER, len(sealed), SEALED_SEGMENT)
    )
    assert given_out([sealed[:HEADER], two, one, three]) == b""
    assert given_out([sealed[:HEADER], one, three]) == NOISE[:SEGMENT_BYTES]
    assert given_out([sealed[:HEADER], one, one, three]) == NOISE[:SEGMENT_BYTES]


def test_a_segment_of_another_file_is_refused() -> None:
    mine, other = sealed_file(SEGMENT_BYTES), sealed_file(SEGMENT_BYTES)
    assert given_out([mine[:HEADER], other[HEADER:]]) == b""


@given(PLACES, PLACES)
def test_a_file_opens_under_no_other_id_and_in_no_other_vault(place: Place, other: Place) -> None:
    for elsewhere in (other, place._replace(row=other.row), place._replace(vault=other.vault)):
        if place != elsewhere:
            assert given_out([sealed_file(9, place)], elsewhere) == b""


def test_files_of_the_earlier_format_open() -> None:
    before = SegmentSealer(RING, FILES[0])
    sealed = b"".join(before.seal([NOISE], MEDIA))
    assert sealed[0] == 2
    assert len(sealed) == before.sealed_size(len(NOISE))
    assert b"".join(SEALER.open([sealed], MEDIA)) == NOISE
    before.write(FILES[1])
    assert b"".join(before.seal([NOISE], MEDIA))[0] == 4


def test_after_a_rotation_the_old_key_opens_and_the_new_one_seals() -> None:
    before = SegmentSealer(KeyRing("old", {"old": RING.keys["old"]}))
    sealed = b"".join(before.seal([b"%PDF-"], MEDIA))
    assert key_id_of(sealed) == "old"
    assert b"".join(SEALER.open([sealed], MEDIA)) == b"%PDF-"
    assert key_id_of(sealed_file(5)) == "new"
    with pytest.raises(Permanent, match="key 'new', which is not in the key ring"):
        list(before.open([sealed_file(5)], MEDIA))


def test_the_same_id_with_another_key_does_not_open() -> None:
    swapped = SegmentSealer(KeyRing("new", {"new": RING.keys["old"]}))
    with pytest.raises(Permanent):
        list(swapped.open([sealed_file(5)], MEDIA))


def test_a_sealed_value_is_no_sealed_file() -> None:
    given_out([ValueSealer(RING).seal(bytes(200), MEDIA)])


def test_what_the_source_raises_comes_through() -> None:
    def broken() -> Iterable[bytes]:
        yield NOISE[: SEGMENT_BYTES + 1]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        list(SEALER.seal(broken(), MEDIA))
    with pytest.raises(ConnectionResetError):
        list(SEALER.open(broken_after(sealed_file(5)[:-1]), MEDIA))


def broken_after(start: bytes) -> Iterable[bytes]:
    yield start
    raise ConnectionResetError
