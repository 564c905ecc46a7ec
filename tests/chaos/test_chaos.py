"""Everything dies at random while patients write, and nothing is lost, doubled or inverted."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chaos.plan import Plan, plan
from chaos.report import RESULT, Report
from chaos.run import run

SEED = 4
KILLS = 14
"""Enough for each kind of component."""
COUNTS = ("lost", "doubled", "inverted", "orphaned", "wrong_bytes")


@pytest.fixture
def weathered(capsys: pytest.CaptureFixture[str]) -> Callable[[Plan], Report]:
    """Does a run that shows how it goes, seed and all."""

    def weather(found: Plan) -> Report:
        with capsys.disabled():
            return run(found, lambda line: print(line, file=sys.stderr, flush=True))

    return weather


@pytest.mark.timeout(600)
@pytest.mark.long("a minute of chaos, with its set-up and all that is awaited after it")
def test_nothing_is_lost_doubled_or_inverted_in_a_minute_of_chaos(
    weathered: Callable[[Plan], Report],
) -> None:
    found = plan(seed=SEED, minutes=1.5, kills=KILLS)
    report = weathered(found)
    assert report.violations == [], found.command
    result = json.loads(Path(RESULT).read_text())
    assert result["kills"] == found.kills
    assert result["sent"] >= found.messages
    assert {name: result[name] for name in COUNTS} == dict.fromkeys(COUNTS, 0)
    assert result["patients"]["filed"] > found.patients
    assert result["patients"]["fetched"] > 0
    struck = {
        fault["component"].rpartition("-")[0] or fault["component"] for fault in result["faults"]
    }
    assert struck == set(found.kinds)


@pytest.mark.timeout(600)
@pytest.mark.long("half a minute of chaos, likewise")
def test_a_demo_that_is_killed_and_frozen_loses_nothing_either(
    weathered: Callable[[Plan], Report],
) -> None:
    found = plan(seed=SEED, minutes=0.6, kills=3, embedded=True)
    report = weathered(found)
    assert report.violations == [], found.command
    assert report.as_json()["kills"] == 3
    assert report.weathered.diary.filed > 0
