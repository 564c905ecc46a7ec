"""Claims are found by their words, and say of which commit they are."""

import json
from pathlib import Path
from typing import Literal

import pytest

from support import commits
from support.claims import WORD, Claims

TEST = "tests/e2e/vault/test_zones.py::test_a_lost_zone_is_made_up_for"


def report(
    when: Literal["call", "teardown"] = "call",
    outcome: Literal["passed", "failed"] = "passed",
    word: str = "",
) -> pytest.TestReport:
    properties = [(WORD, word)] if word else []
    return pytest.TestReport(
        TEST, ("", 0, ""), {}, outcome, None, when, duration=2.0, user_properties=properties
    )


def test_a_claim_with_a_word_is_found_by_it(tmp_path: Path) -> None:
    claims = Claims(tmp_path / "claims.json")
    for one in (report(word="zone"), report(), report("teardown", word="zone")):
        claims.note(one)
    claims.keep()
    found = json.loads((tmp_path / "claims.json").read_text())
    assert set(found) == {
        "zone: a lost zone is made up for",
        "test_zones.py::test_a_lost_zone_is_made_up_for",
    }
    claim = found["zone: a lost zone is made up for"]
    assert (claim["seconds"], claim["passed"]) == (4.0, True)
    assert claim["commit"] == commits.head()


@pytest.mark.parametrize(
    ("commit", "outcome", "standing"),
    [("", "passed", "STALE"), ("HEAD", "passed", "holds"), ("HEAD", "failed", "FAILS")],
)
def test_a_claim_of_another_commit_is_stale(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    commit: str,
    outcome: Literal["passed", "failed"],
    standing: str,
) -> None:
    claims = Claims(tmp_path / "claims.json")
    if not commit:
        monkeypatch.setattr(commits, "head", lambda: "0" * 40)
    claims.note(report(outcome=outcome, word="zone"))
    claims.keep()
    monkeypatch.undo()
    (line,) = claims.table()
    assert line.startswith(standing)
    assert line.endswith("  2.0 s  zone: a lost zone is made up for")
