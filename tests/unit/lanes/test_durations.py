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
    (kept,) = load(file).values()
    assert (kept.seconds, kept.long) == (4.0, False)


def test_runs_side_by_side_keep_theirs_beside_each_other(tmp_path: Path) -> None:
    for name in ("b.py::test", "a.py::test"):
        durations = Durations()
        durations.note(report(name, 1.0, "long"))
        durations.keep(tmp_path / "durations.json")
    kept = load(tmp_path / "durations.json")
    assert {name: (one.seconds, one.long) for name, one in kept.items()} == {
        "a.py::test": (1.0, True),
        "b.py::test": (1.0, True),
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


@pytest.mark.parametrize(("load", "busy"), [(0.3, 1.0), (3.0, 1.5), (40.0, 3.0)])
def test_a_test_that_shares_its_core_may_take_up_to_three_times_as_long(
    monkeypatch: pytest.MonkeyPatch, load: float, busy: float
) -> None:
    monkeypatch.setattr("os.getloadavg", lambda: (load, 0.0, 0.0))
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    durations = Durations()
    durations.note(report("a.py::test", 20.0 * busy))
    (found,) = durations.found.values()
    assert (found.busy, found.undisturbed) == (busy, 20.0)
    assert over_budget(durations.found) == []
    found.seconds += 1
    assert over_budget(durations.found) == [f"{20 * busy + 1:.1f} s: a.py::test"]
