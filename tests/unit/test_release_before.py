"""The release before is found in git's history, and who has none of it is told how to get it."""

import subprocess
from pathlib import Path

import pytest

from support.stack import release
from support.stack.release import BEFORE, VERSIONS, newest_revision, release_before

STEPS = (("0001", BEFORE), ("0009",), ("0010", "0011"))
"""The migrations that each commit brings."""


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A history of releases."""
    folder = tmp_path / "repository"
    (folder / VERSIONS).mkdir(parents=True)
    git(folder, "init")
    for names in STEPS:
        for name in names:
            (folder / VERSIONS / f"{name}_step.py").touch()
        git(folder, "add", ".")
        git(folder, "commit", "-m", "a release")
    return folder


def cloned(repository: Path, *depth: str) -> Path:
    clone = repository.parent / "clone"
    git(repository, "clone", *depth, f"file://{repository}", str(clone))
    return clone


def test_the_release_before_lacks_all_migrations_of_this_one(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release, "ROOT", cloned(repository))
    _, environment = release_before(tmp_path / "old")
    assert newest_revision(tmp_path / "old") == BEFORE
    assert environment == {"PYTHONPATH": str(tmp_path / "old" / "services")}


@pytest.mark.parametrize("depth", ["1", "2"])
def test_a_shallow_clone_says_how_to_get_the_release_before(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, depth: str
) -> None:
    monkeypatch.setattr(release, "ROOT", cloned(repository, "--depth", depth))
    with pytest.raises(AssertionError, match="git fetch --unshallow"):
        release_before(tmp_path / "old")


def test_files_without_git_say_so_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / VERSIONS).mkdir(parents=True)
    (tmp_path / VERSIONS / "0009_step.py").touch()
    monkeypatch.setattr(release, "ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(AssertionError, match="without --depth"):
        release_before(tmp_path / "old")
