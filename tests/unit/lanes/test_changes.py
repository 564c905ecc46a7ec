"""A change is counted from where its branch left; a saved file is named as git names it."""

import subprocess
from pathlib import Path

import pytest

from lanes import changes


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A branch of one commit, with a file that git does not track yet."""

    def git(*command: str) -> None:
        who = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.org")
        subprocess.run(["git", *who, *command], cwd=tmp_path, check=True, capture_output=True)

    def commit(name: str) -> None:
        (tmp_path / name).touch()
        git("add", name)
        git("commit", "-m", name)

    git("init", "--initial-branch", "main")
    commit("first.py")
    git("switch", "--create", "branch")
    commit("mine.py")
    git("switch", "main")
    commit("theirs.py")
    git("switch", "branch")
    (tmp_path / "über.py").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_others_did_meanwhile_is_no_change_of_a_branch(checkout: Path) -> None:
    assert changes.since("main") == ["mine.py", "über.py"]
    assert changes.since("HEAD") == ["über.py"]


def test_an_unknown_commit_is_told_in_the_words_of_git(checkout: Path) -> None:
    with pytest.raises(changes.UnknownCommitError, match="nowhere"):
        changes.since("nowhere")


def test_files_are_saved_as_often_as_they_are_told_of(checkout: Path) -> None:
    seen = f'[["modified", "{checkout}/mine.py"], ["added", "{checkout}/mine.py"]]'
    assert changes.saved({"WATCHFILES_CHANGES": seen}) == ["mine.py"]
    assert changes.saved({}) == []
