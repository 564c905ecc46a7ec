from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from medvault.simulator.errors import GraphError
from medvault.simulator.files import SealedFiles
from medvault.simulator.media import Media, MediaStore, recorded

KEY = bytes(range(32))


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> MediaStore:
    return MediaStore(SealedFiles(tmp_path, KEY), clock, url_ttl=300)


def add(store: MediaStore, data: bytes, ttl: float = 600) -> Media:
    written = store.create(10_000_000)
    written.write(data)
    written.close()
    return store.add(written, "application/pdf", "a.pdf", ttl)


def test_a_large_file_is_sealed_and_comes_back_whole(store: MediaStore, tmp_path: Path) -> None:
    data = b"a secret report " * 50_000
    media = add(store, data)
    assert b"secret" not in (tmp_path / media.file).read_bytes()
    assert b"".join(store.read(media)) == data


def test_an_altered_file_is_not_read(store: MediaStore, tmp_path: Path) -> None:
    media = add(store, b"a report")
    sealed = bytearray((tmp_path / media.file).read_bytes())
    sealed[-1] ^= 1
    (tmp_path / media.file).write_bytes(sealed)
    with pytest.raises(InvalidTag):
        list(store.read(media))


def test_a_media_id_lives_so_long_and_no_longer(store: MediaStore, clock: Clock) -> None:
    media = add(store, b"a report", ttl=600)
    clock.now += 599
    assert store.alive(media.id) is media
    clock.now += 1
    with pytest.raises(GraphError) as caught:
        store.alive(media.id)
    assert (caught.value.code, caught.value.subcode) == (100, 33)


def test_a_download_address_lives_five_minutes(store: MediaStore, clock: Clock) -> None:
    media = add(store, b"a report")
    token = store.new_token(media)
    clock.now += 299
    assert store.at_token(token) is media
    clock.now += 1
    assert store.at_token(token) is None
    store.new_token(media)
    assert len(store._tokens) == 1


def test_a_deleted_file_that_no_phone_shows_is_gone(store: MediaStore, tmp_path: Path) -> None:
    media = add(store, b"a report")
    store.delete(media)
    assert store.get(media.id) is None
    assert not any(tmp_path.iterdir())
    store.restore(recorded(media))
    assert store.get(media.id) is None


def test_a_deleted_file_stays_on_the_phone_that_shows_it(store: MediaStore) -> None:
    media = add(store, b"a report")
    media.shown = True
    store.delete(media)
    with pytest.raises(GraphError):
        store.alive(media.id)
    assert b"".join(store.read(media)) == b"a report"


def test_beyond_its_limit_a_file_is_only_counted(store: MediaStore, tmp_path: Path) -> None:
    written = store.create(4)
    written.write(b"12345")
    written.write(b"678")
    written.close()
    assert (written.too_large, written.size) == (True, 8)
    written.discard()
    assert not any(tmp_path.iterdir())
