"""The commands of the lanes say what they can't do, and fail where nothing was tested."""

import tempfile
from pathlib import Path

import pytest

from lanes import plans, run
from lanes.lane import Lane, Selection, Stage
from lanes.run import main


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where results are kept instead of `build/`."""
    monkeypatch.setattr(run, "TIMES", tmp_path / "lanes.json")
    monkeypatch.delenv(run.SELECTED, raising=False)
    return tmp_path


def planned(monkeypatch: pytest.MonkeyPatch, *scripts: str, allowed: int = 0) -> None:
    lanes = tuple(
        Lane(name=script, commands=(("sh", "-c", script),), allowed=frozenset({0, allowed}))
        for script in scripts
    )
    monkeypatch.setattr(plans, "quick", lambda _: [lanes])


@pytest.mark.parametrize(("script", "code"), [("true", 0), ("exit 3", 1)])
def test_the_status_is_that_of_the_lanes(
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    script: str,
    code: int,
) -> None:
    planned(monkeypatch, script, "echo done")
    assert main(["quick"]) == code
    word = "FAILED" if code else "passed"
    assert capsys.readouterr().out.endswith(f"make quick: 0 min 0 s, {word}.\n")
    assert '"quick"' in (place / "lanes.json").read_text()
    assert Path(tempfile.gettempdir()).exists(), "whoever comes later has a place again"


@pytest.mark.parametrize(("other", "code"), [("exit 5 ", 1), ("true", 0)])
def test_a_selection_of_nothing_fails(
    place: Path, monkeypatch: pytest.MonkeyPatch, other: str, code: int
) -> None:
    planned(monkeypatch, "exit 5", other, allowed=5)
    assert main(["quick"]) == code


def test_a_path_belongs_to_pytest_itself(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(run.SELECTED, "-x tests/unit/test_ci.py::test_something")
    assert main(["test"]) == 2
    assert "pytest tests/unit/test_ci.py::test_something" in capsys.readouterr().out


def test_a_commit_that_git_does_not_know_is_named(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--since", "no-such-commit"]) == 2
    said = capsys.readouterr().out
    assert said.startswith("SINCE must be a commit: ")
    assert "no-such-commit" in said


def test_nothing_saved_reaches_nothing(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WATCHFILES_CHANGES", raising=False)
    assert main(["watch"]) == 0
    assert not (place / "lanes.json").exists()


def commands(stages: list[Stage]) -> list[tuple[str, ...]]:
    found = [lane.commands[-1] for stage in stages for lane in stage]
    return [command for command in found if "pytest" in command]


def test_a_selection_is_left_to_every_pytest_and_the_budget_to_whole_runs() -> None:
    some = Selection(("-k", "a name"))
    for stages in (plans.quick(some), plans.check(some, ["x"]), plans.everything(some)):
        assert {command[-2:] for command in commands(stages)} == {("-k", "a name")}
    assert [command[-1] for command in commands(plans.everything(Selection()))][
        -1
    ] == "tests/budget"


def test_a_lane_of_a_mark_has_the_files_that_say_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    says = "pytest." + "mark.calm"
    (tmp_path / "tests" / "room").mkdir(parents=True)
    for name, text in {"test_a": f"@{says}\n", "test_b": "calm", "c": says}.items():
        (tmp_path / "tests" / "room" / f"{name}.py").write_text(text)
    monkeypatch.chdir(tmp_path)
    assert plans.marked("calm") == ["tests/room/test_a.py"]
