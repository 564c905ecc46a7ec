"""Calls that fail and tell nobody whether they had an effect: nothing is lost, nothing doubled."""

import os
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.servers.valkey import Valkey
from support.servers.waiting import wait_until
from support.stack.arrivals import Arrivals, percentile
from support.stack.environment import NewServers
from support.stack.fleet import Fleet, Sizes, running_fleet
from support.stack.forking import forking
from support.stack.writers import Writers, one_more

PER_SECOND, PER_SECOND_AFTER, QUIET, PATIENTS = 50, 1, 0.4, 400
TIER = "1000"
"""The tier of Meta in which 50 questions a second and their answers fit."""
LONGEST_WAIT = 15.0
THIRD = 6.0
"""One in eleven replies that meet an unclear answer meets three, and may wait so much longer."""
NEVER = ["sent", "delivered", "read", "failed"]
UNHEARD_SECONDS = 10
"""After so long a message without a status is repeated where none ever comes."""
ALL_THERE = 600.0

Figures = Callable[..., None]
RunFleet = Callable[[dict[str, str]], Any]


@dataclass(frozen=True, slots=True)
class Regime:
    """How late statuses come at the most, in seconds; None for never."""

    late: float | None

    @property
    def faults(self) -> dict[str, Any]:
        """The regime as faults of the simulator."""
        if self.late is None:
            return {"drop_statuses": NEVER}
        spread = int(self.late * 1000)
        return {"delay": {"milliseconds": 0, "spread": spread, "only": "statuses"}}

    @property
    def settings(self) -> dict[str, str]:
        """Where statuses come, 120 seconds without evidence are as deployed."""
        unheard = {"whatsapp_repeat_seconds": str(UNHEARD_SECONDS)} if self.late is None else {}
        return {"whatsapp_messages_per_second": TIER, **unheard}


REGIMES = {"soon": Regime(2.0), "late": Regime(60.0), "never": Regime(None)}


CASES: list[tuple[str, int, float]] = [
    (named, percent, PER_SECOND) for percent in (30, 10, 60) for named in REGIMES
]
CASES.append(("soon", 30, QUIET))
if not os.environ.get("MEDVAULT_TEST_FULL"):
    CASES = CASES[:1]


@pytest.fixture
def run(new_servers: NewServers, valkey: Valkey, tmp_path: Path) -> RunFleet:
    """Runs two workers of each kind that replies need."""

    @contextmanager
    def running(settings: dict[str, str]) -> Iterator[Fleet]:
        valkey.clear()
        sizes = Sizes(api=1, inbound=2, media=0, outbound=2)
        with (
            new_servers() as servers,
            forking() as spawn,
            running_fleet(servers, tmp_path, sizes, settings=settings, spawn=spawn) as fleet,
        ):
            yield fleet

    return running


@pytest.mark.calm
@pytest.mark.long("an outage that fails of three calls in ten, and repeats after it")
@pytest.mark.timeout(2400)
@pytest.mark.parametrize(("named", "percent", "per_second"), CASES)
def test_of_calls_that_fail_unclearly_nothing_is_lost(
    run: RunFleet, named: str, percent: int, per_second: float, full: bool, figures: Figures
) -> None:
    regime = REGIMES[named]
    seconds = (600 if percent == 30 else 120) if full else 20
    unclear = {"probability": percent / 100}
    with run(regime.settings) as fleet:
        writers, arrivals = Writers(fleet, PATIENTS), Arrivals(fleet)
        with writers.asking(per_second):
            # Statuses came fast until the outage began: that must mislead nobody.
            _lasts(arrivals, 6 * per_second)
            with fleet.meta.faults(unclear=unclear, **regime.faults):
                _lasts(arrivals, per_second * seconds)
        with fleet.meta.faults(**regime.faults), writers.asking(PER_SECOND_AFTER):
            figures(new_patient_s=one_more(fleet, LONGEST_WAIT))
            wait_until(
                lambda: len(arrivals.look().taken) > writers.asked,
                seconds=ALL_THERE,
                what="all the answers",
                every=1.0,
            )
        fleet.settle(ALL_THERE)
        every, met = arrivals.look().waits()
        found = {"lost": writers.asked + 1 - len(arrivals.taken), "doubled": arrivals.doubled}
        figures(
            asked=writers.asked,
            met_unclear_answers=len(met),
            wait_median_s=round(statistics.median(every), 1),
            wait_p95_s=percentile(every, 0.95),
            wait_of_those_p95_s=percentile(met, 0.95),
            wait_longest_s=round(max(every), 1),
            repeated=_decided(fleet, "repeated"),
            confirmed=_decided(fleet, "confirmed"),
            given_up=_decided(fleet, "given_up"),
            **found,
        )
        assert found["lost"] == 0
        assert _decided(fleet, "given_up") == 0
        if regime.late is not None:
            assert found["doubled"] == 0
        if per_second == QUIET:
            assert statistics.median(met) <= LONGEST_WAIT
        elif regime.late is not None and percent <= 30:
            assert percentile(every, 0.95) <= regime.late + LONGEST_WAIT
            assert named == "late" or percentile(met, 0.95) <= LONGEST_WAIT + THIRD


def _lasts(arrivals: Arrivals, answers: float) -> None:
    """Until so many more answers were taken than before."""
    until = len(arrivals.taken) + answers
    wait_until(lambda: len(arrivals.look().taken) >= until, seconds=1200, what="answers", every=0.5)


def _decided(fleet: Fleet, outcome: str) -> int:
    """How many sends of unknown outcome were settled so, by all workers."""
    workers = (*fleet.inbound, *fleet.outbound)
    return int(sum(w.metric("medvault_ambiguous_sends_total", outcome=outcome) for w in workers))
