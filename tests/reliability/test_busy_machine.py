"""Many others compute on the same machine: Meta and the patients are answered all the same."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from support.servers.waiting import wait_until
from support.stack.arrivals import Arrivals, percentile
from support.stack.environment import NewServers
from support.stack.fleet import Sizes, running_fleet
from support.stack.service import ending_with_us
from support.stack.writers import Writers

BUSY = 20
PER_SECOND, QUESTIONS = 40, 10
HALF, NEARLY_ALL = 250, 1000
"""Milliseconds within which so many webhooks are answered."""
ANSWERED = 30.0


@contextmanager
def busy(loops: int) -> Iterator[None]:
    """So many programs that do nothing else than compute."""
    with ExitStack() as stack:
        for _ in range(loops):
            program = ending_with_us([sys.executable, "-c", "while True: pass"])
            process = stack.enter_context(subprocess.Popen(program))
            stack.callback(process.kill)
        yield


@pytest.mark.alone
@pytest.mark.long("traffic beside a busy machine")
def test_beside_twenty_busy_programs_webhooks_and_patients_are_answered(
    new_servers: NewServers, tmp_path: Path, full: bool, figures: Callable[..., None]
) -> None:
    sizes, seconds = Sizes(api=1, inbound=1, media=0, outbound=1), 60 if full else 6
    with new_servers() as servers, running_fleet(servers, tmp_path, sizes) as fleet:
        writers, arrivals = Writers(fleet, 100), Arrivals(fleet)
        with busy(BUSY), fleet.meta.traffic(PER_SECOND) as traffic:
            with writers.asking(QUESTIONS):
                wait_until(
                    lambda: writers.asked >= QUESTIONS * seconds, seconds=120, what="questions"
                )
            answers = traffic.finish()
            wait_until(
                lambda: len(arrivals.look().taken) >= writers.asked,
                seconds=ANSWERED,
                what="answers",
            )
        waits, _ = arrivals.waits()
        half, nearly_all = answers.milliseconds(0.5), answers.milliseconds(0.99)
        figures(
            webhooks=len(answers.answers),
            median_ms=half,
            p99_ms=nearly_all,
            longest_ms=answers.milliseconds(1.0),
            replies=len(waits),
            sent_median_s=percentile(waits, 0.5),
            sent_p99_s=percentile(waits, 0.99),
        )
        assert answers.failed == 0
        assert half <= HALF
        assert nearly_all <= NEARLY_ALL
