"""The budget names each test and file that takes too long, with its figure."""

from pathlib import Path

import pytest

from support.durations import Duration, Durations, load, over_budget


def report(name: str, seconds: float, *marks: str, when: str = "call") -> pytest.TestReport:
    keywords = dict.fromkeys(marks, 1)
    return pytest.TestReport(name, ("a", 1, "b"), keywords, "passed", None, when, (), seconds)  # type: ignore[arg-type]


def test_the_phases_of_a_test_are_added_up_and_kept(tmp_path: Path) -> None:
    file, durations = tmp_path / "build" / "durations.json", Durations()
    for when, seconds in (("setup", 1.5), ("call", 2.0), ("teardown", 0.5)):
        durations.note(report("a.py::test", seconds, when=when))
    durations.keep(file)
    assert load(file) == {"a.py::test": Duration(4.0)}


def test_runs_side_by_side_keep_theirs_beside_each_other(tmp_path: Path) -> None:
    for name in ("b.py::test", "a.py::test"):
        durations = Durations()
        durations.note(report(name, 1.0, "long"))
        durations.keep(tmp_path / "durations.json")
    assert load(tmp_path / "durations.json") == {
        "a.py::test": Duration(1.0, long=True),
        "b.py::test": Duration(1.0, long=True),
    }


def test_a_run_without_tests_keeps_nothing(tmp_path: Path) -> None:
    Durations().keep(tmp_path / "durations.json")
    assert list(tmp_path.iterdir()) == []


def test_what_is_within_its_budget_is_not_named() -> None:
    files = {f"{file}.py::test[{n}]": Duration(15.0) for file in "ab" for n in range(4)}
    assert over_budget(files) == []


def test_a_test_and_a_file_that_take_too_long_are_named_with_their_figures() -> None:
    slow = {f"slow.py::test[{number}]": Duration(15.1) for number in range(4)}
    found = {"a.py::test": Duration(20.1), "marked.py::test": Duration(200.0, long=True), **slow}
    assert over_budget(found) == ["20.1 s: a.py::test", "60.4 s: slow.py"]
