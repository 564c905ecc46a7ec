import hashlib
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvault.adapters.crypto.blind_index import KeyedIndex
from medvault.adapters.crypto.keyring import encode_key

INDEX = KeyedIndex(bytes(range(32)))
PAIRS = st.tuples(st.text(max_size=300), st.text(max_size=300))


def test_the_digest_is_a_keyed_blake2b() -> None:
    message = b"\0\5phone15550001111"
    whole = hashlib.blake2b(message, key=bytes(range(32)), digest_size=16).digest()
    assert INDEX("phone", "15550001111") == UUID(bytes=whole)


@given(PAIRS, PAIRS)
def test_only_the_same_pair_has_the_same_digest(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    assert (INDEX(*one) == INDEX(*other)) == (one == other)


@given(st.text(min_size=1, max_size=40), st.data())
def test_kind_and_value_are_kept_apart(joined: str, data: st.DataObject) -> None:
    here, there = data.draw(
        st.lists(st.integers(0, len(joined)), min_size=2, max_size=2, unique=True)
    )
    assert INDEX(joined[:here], joined[here:]) != INDEX(joined[:there], joined[there:])


def test_another_key_gives_another_digest() -> None:
    assert KeyedIndex(bytes(32))("phone", "1") != INDEX("phone", "1")


def test_the_key_is_read_from_base64() -> None:
    assert KeyedIndex.parse(encode_key(bytes(range(32))) + "\n")("a", "b") == INDEX("a", "b")


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="not the base64 of 32 bytes"):
        KeyedIndex.parse(encode_key(bytes(31)))
