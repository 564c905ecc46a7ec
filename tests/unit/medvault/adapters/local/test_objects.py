import os
import resource
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from medvault.adapters.local.objects import FolderObjectStore
from medvault.domain.errors import Unavailable

BAD_KEYS = ["", "/", "/a", "a/", "a//b", "..", "../a", "a/../b", "a/.b", "A", "a b", "a\n", "é"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "vault" / "objects"


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


@pytest.mark.parametrize("key", BAD_KEYS)
@pytest.mark.parametrize(
    "call",
    [
        lambda store, key: store.put(key, [b"x"], 1),
        lambda store, key: store.get(key).__enter__(),
        lambda store, key: store.copy(key, "good"),
        lambda store, key: store.copy("good", key),
        lambda store, key: store.delete(key),
    ],
)
def test_what_is_no_key_is_refused(
    root: Path, key: str, call: Callable[[FolderObjectStore, str], object]
) -> None:
    store = FolderObjectStore(root)
    store.put("good", [b"x"], 1)
    with pytest.raises(ValueError, match="object's key"):
        call(store, key)
    assert files(root.parent) == [root / "good"]


@pytest.mark.parametrize("prefix", ["..", "../", "/", "a/../", "A", "a//"])
def test_what_starts_no_key_is_not_listed(root: Path, prefix: str) -> None:
    with pytest.raises(ValueError, match="start of an object's key"):
        list(FolderObjectStore(root).keys(prefix))


def test_nobody_else_can_read_the_folder(root: Path) -> None:
    mask = os.umask(0)
    try:
        store = FolderObjectStore(root)
        store.put("incoming/deeper/one", [b"x"], 1)
        store.copy("incoming/deeper/one", "media/one")
    finally:
        os.umask(mask)
    paths = [root, *root.rglob("*")]
    assert len(paths) == 6
    assert {path.stat().st_mode & 0o777 for path in paths if path.is_dir()} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in paths if path.is_file()} == {0o600}


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # pytest-timeout's thread
def test_what_a_crash_left_is_removed_at_the_start(root: Path) -> None:
    child = os.fork()
    if child == 0:

        def chunks() -> Iterator[bytes]:
            yield b"half"
            os._exit(9)

        try:
            FolderObjectStore(root).put("incoming/one", chunks(), 8)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert [path.read_bytes() for path in files(root)] == [b"half"]
    store = FolderObjectStore(root)
    assert files(root) == []
    store.put("incoming/one", [b"whole"], 5)
    assert list(FolderObjectStore(root).keys("")) == ["incoming/one"]


def test_a_full_disk_means_wait_and_leaves_nothing(root: Path) -> None:
    store = FolderObjectStore(root)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(Unavailable, match="storage does not answer"):
            store.put("incoming/one", [bytes(600), bytes(600)], 1200)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert files(root) == []


def test_a_folder_that_is_gone_does_not_answer(root: Path) -> None:
    store = FolderObjectStore(root)
    store.check()
    root.rmdir()
    with pytest.raises(Unavailable):
        store.check()


def test_deleting_around_an_object_leaves_it(root: Path) -> None:
    store = FolderObjectStore(root)
    store.put("incoming/one", [b"x"], 1)
    store.delete("incoming")
    store.delete("incoming/one/below")
    assert list(store.keys("")) == ["incoming/one"]
