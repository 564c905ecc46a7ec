"""The behaviour of every object store, be it a bucket or a folder."""

import os
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from medvault.adapters.local.objects import FolderObjectStore
from medvault.adapters.s3.options import S3Options
from medvault.adapters.s3.store import S3ObjectStore
from medvault.domain.errors import MissingObject, Transient
from medvault.ports import ObjectStore
from support.servers.s3 import REGION, Bucket

MIB = 1024 * 1024
NOISE = os.urandom(3 * MIB + 7)
KEY = "incoming/0199a1b2-0000-7000-8000-000000000001"
OTHER = "media/0199a1b2-0000-7000-8000-000000000001"


@pytest.fixture(params=["s3", "folder"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "folder":
        return FolderObjectStore(tmp_path / "objects")
    bucket: Bucket = request.getfixturevalue("s3_bucket")
    server = bucket.store
    return S3ObjectStore(
        S3Options(bucket.name, REGION, server.endpoint, server.access_key, server.secret_key)
    )


def pieces(data: bytes, length: int) -> Iterator[bytes]:
    return (data[at : at + length] for at in range(0, len(data), length))


def content(store: ObjectStore, key: str) -> bytes:
    with store.get(key) as chunks:
        return b"".join(chunks)


@pytest.mark.parametrize("size", [0, 1, 256 * 1024, MIB, len(NOISE)])
@pytest.mark.parametrize("length", [1000, 256 * 1024 + 3, 4 * MIB])
def test_an_object_comes_back_as_it_went_in(store: ObjectStore, size: int, length: int) -> None:
    store.put(KEY, pieces(NOISE[:size], length), size)
    assert content(store, KEY) == NOISE[:size]


def test_chunks_may_be_empty(store: ObjectStore) -> None:
    store.put(KEY, [b"", b"ab", b"", b"c", b""], 3)
    assert content(store, KEY) == b"abc"
    store.put(KEY, [b"", b""], 0)
    assert content(store, KEY) == b""


def test_a_later_object_replaces_the_earlier_one(store: ObjectStore) -> None:
    store.put(KEY, [b"first"], 5)
    store.put(KEY, [b"then"], 4)
    assert content(store, KEY) == b"then"
    assert list(store.keys("")) == [KEY]


@pytest.mark.parametrize(
    ("said", "length"), [(1, 0), (6, 5), (MIB + 1, MIB), (0, 1), (5, 6), (MIB, MIB + 1)]
)
@pytest.mark.parametrize("piece", [1000, 2 * MIB])
def test_another_length_than_was_said_leaves_nothing(
    store: ObjectStore, said: int, length: int, piece: int
) -> None:
    with pytest.raises(Transient, match="not as many as was said"):
        store.put(KEY, pieces(NOISE[:length], piece), said)
    assert list(store.keys("")) == []
    with pytest.raises(MissingObject), store.get(KEY):
        pass


@pytest.mark.parametrize("after", [0, 1, 1000, 2 * MIB])
@pytest.mark.parametrize("size", [0, 1, 1000, 2 * MIB])
@pytest.mark.parametrize("error", [BrokenPipeError, RuntimeError])
def test_what_the_chunks_raise_comes_through_and_leaves_nothing(
    store: ObjectStore, after: int, size: int, error: type[Exception]
) -> None:
    raised = error("the download broke")

    def broken() -> Iterator[bytes]:
        yield from pieces(NOISE[: min(after, size)], 300_000)
        raise raised from OSError("cause")

    with pytest.raises(error) as caught:
        store.put(KEY, broken(), size)
    assert caught.value is raised
    assert isinstance(raised.__cause__, OSError)
    assert list(store.keys("")) == []


def test_a_failed_put_leaves_the_earlier_object_and_the_store_in_order(store: ObjectStore) -> None:
    store.put(KEY, [b"first"], 5)
    with pytest.raises(Transient):
        store.put(KEY, [NOISE], len(NOISE) + 1)
    assert content(store, KEY) == b"first"
    store.put(OTHER, [NOISE], len(NOISE))
    assert content(store, OTHER) == NOISE


def test_nothing_is_visible_while_an_object_is_coming_in(store: ObjectStore) -> None:
    seen: list[list[str]] = []

    def chunks() -> Iterator[bytes]:
        for piece in pieces(NOISE[:MIB], 300_000):
            seen.append(list(store.keys("")))
            yield piece

    store.put(KEY, chunks(), MIB)
    assert seen == [[]] * 4


@pytest.mark.parametrize(
    "read", [lambda store: content(store, KEY), lambda store: store.copy(KEY, OTHER)]
)
def test_an_object_that_is_not_there_is_missing(
    store: ObjectStore, read: Callable[[ObjectStore], object]
) -> None:
    for near in (KEY + "a", KEY[:-1]):
        store.put(near, [b"near"], 4)
    with pytest.raises(MissingObject):
        read(store)


def test_a_folder_of_objects_is_no_object(store: ObjectStore) -> None:
    store.put(KEY, [b"x"], 1)
    with pytest.raises(MissingObject):
        content(store, "incoming")
    with pytest.raises(MissingObject):
        content(store, f"{KEY}/below")


def test_a_copy_stays_when_its_source_goes(store: ObjectStore) -> None:
    store.put(KEY, [NOISE], len(NOISE))
    store.put(OTHER, [b"earlier"], 7)
    for _ in range(2):
        store.copy(KEY, OTHER)
        assert content(store, OTHER) == content(store, KEY) == NOISE
    store.put(KEY, [b"changed"], 7)
    assert content(store, OTHER) == NOISE
    store.delete(KEY)
    assert content(store, OTHER) == NOISE
    assert list(store.keys("")) == [OTHER]


def test_a_deleted_object_is_gone_and_may_be_deleted_again(store: ObjectStore) -> None:
    store.put(KEY, [b"x"], 1)
    for _ in range(2):
        store.delete(KEY)
        assert list(store.keys("")) == []
        with pytest.raises(MissingObject):
            content(store, KEY)
    store.delete("never/was-there")


def test_keys_are_listed_by_the_start_of_their_names(store: ObjectStore) -> None:
    keys = [f"{folder}/{n:02}" for folder in ("incoming", "media", "media-2") for n in range(12)]
    for key in keys:
        store.put(key, [b"x"], 1)
    assert list(store.keys("")) == sorted(keys)
    assert list(store.keys("media/")) == [key for key in keys if key.startswith("media/")]
    assert list(store.keys("media/1")) == ["media/10", "media/11"]
    assert len(list(store.keys("media"))) == 24
    assert list(store.keys("nothing/here")) == []


def test_reading_may_stop_early(store: ObjectStore) -> None:
    store.put(KEY, [NOISE], len(NOISE))
    for _ in range(3):
        with store.get(KEY) as chunks:
            assert NOISE.startswith(next(chunks))
    assert content(store, KEY) == NOISE


def test_an_object_is_read_in_parts(store: ObjectStore) -> None:
    store.put(KEY, [NOISE], len(NOISE))
    with store.get(KEY) as chunks:
        lengths = [len(chunk) for chunk in chunks]
    assert len(lengths) > 3
    assert max(lengths) <= MIB


def test_threads_share_a_store(store: ObjectStore) -> None:
    failed: list[Exception] = []
    bounds = list(pairwise(range(0, len(NOISE), len(NOISE) // 12)))

    def work(start: int, end: int) -> None:
        mine = NOISE[start:end]
        try:
            store.put(f"media/{start}", pieces(mine, 70_000), len(mine))
            assert content(store, f"media/{start}") == mine
            store.delete(f"media/{start}")
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            failed.append(error)

    threads = [threading.Thread(target=work, args=pair) for pair in bounds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert list(store.keys("")) == []


def test_a_store_that_is_there_answers(store: ObjectStore) -> None:
    store.check()
