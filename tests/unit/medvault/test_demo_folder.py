"""The demo's folder is closed to everybody else, however it came about."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from medvault.demo.folder import FolderUnusable, held


@pytest.fixture(autouse=True)
def permissive() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_new_folder_and_all_that_is_made_in_it_are_its_owners(tmp_path: Path) -> None:
    with held(tmp_path / "data"):
        (tmp_path / "data" / "simulator").touch()
    assert mode(tmp_path / "data") == 0o700
    assert mode(tmp_path / "data" / "simulator") == 0o600
    (tmp_path / "after").touch()
    assert mode(tmp_path / "after") == 0o644, "the process's own umask is back"


def test_an_earlier_folder_is_closed_with_what_lies_in_it(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    for name in ("lock", "simulator", "postgres.log"):
        (tmp_path / name).touch(0o644)
    with held(tmp_path):
        assert mode(tmp_path) == 0o700
        assert {mode(path) for path in tmp_path.iterdir()} == {0o600}


def test_an_empty_folder_is_taken_and_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with held(tmp_path):
        assert mode(tmp_path) == 0o700


def test_a_folder_of_other_things_is_left_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "thesis.txt").touch(0o644)
    with pytest.raises(FolderUnusable, match="other things"), held(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    assert (mode(tmp_path), mode(tmp_path / "thesis.txt")) == (0o755, 0o644)


def test_a_folder_that_is_held_is_refused(tmp_path: Path) -> None:
    with held(tmp_path), pytest.raises(FolderUnusable, match="Another demo"), held(tmp_path):
        pass
