"""How long after its POST a message's effect is committed, at given rates."""

import contextlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from load import latencies, stream
from load.backlog import greet, keys
from load.deployment import APP_SECRET, Api, Bare, InboundWorker
from load.latencies import Latencies
from load.measurement import Ground
from load.rounds import Goal, Spread, progress
from load.tables import Tables
from load.traffic import PATH, RequestFile, padded, write_requests
from load.wrk import load, require_wrk

GOALS = {
    1000: Goal("commit_p99_ms_1000", 15, at_most=True),
    4000: Goal("commit_p99_ms_4000", 50, at_most=True),
}
MACHINE = 40_000
"""POSTs a second of bare uvicorn on a machine that the goals are for."""
WARM_UP = 2


@dataclass(frozen=True, slots=True)
class Commit:
    """The figures that were measured."""

    bare: float
    rounds: Mapping[int, Sequence[Latencies]]

    def report(self) -> str:
        """The lines to print."""
        enough = "as" if self.bare >= MACHINE else "below what"
        lines = [
            "From when a POST is due to the commit of its effect, one API and one worker",
            f"uvicorn + HMAC: {self.bare:,.0f} POST/s, {enough} the goals suppose: {MACHINE:,}",
        ]
        for rate, rounds in self.rounds.items():
            lines += latencies.lines(rate, rounds, "effect committed")
        return "\n".join(
            [*lines, *(goal.verdict(self._p99(rate), "ms") for rate, goal in GOALS.items())]
        )

    def _p99(self, rate: int) -> Spread:
        return latencies.spread(self.rounds[rate], "reached", "p99")

    def as_json(self) -> Mapping[str, object]:
        """The figures behind the goals."""
        return {
            "uvicorn_and_hmac_posts_per_second": round(self.bare),
            **{f"at_{rate}": latencies.figures(rounds) for rate, rounds in self.rounds.items()},
        }

    def headlines(self) -> Mapping[str, float]:
        """The goals' percentiles."""
        return {goal.name: self._p99(rate).median for rate, goal in GOALS.items()}


def measure(ground: Ground) -> Commit:
    """Rounds of each rate in turn, on processes that go on running and are bound to no core."""
    require_wrk()
    seconds, rounds = ground.options.seconds, ground.options.rounds
    greeted = partial(greet, patients=stream.PATIENTS)
    database, broker = ground.postgres.new_database(greeted), ground.rabbitmq.new_vhost()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="medvault-bench-")))
        bare = _bare(folder, ground.cores)
        progress("commit: signing POSTs")
        most = max(GOALS) * WARM_UP + sum(GOALS) * seconds * rounds
        requests = stream.requests(folder, most)
        tables = stack.enter_context(contextlib.closing(Tables(database)))
        tables.settle()
        api = stack.enter_context(Api(database, broker))
        stack.enter_context(InboundWorker(database, broker))
        steady = _Steady(tables, api, requests)
        steady.round(max(GOALS), WARM_UP)
        found: dict[int, list[Latencies]] = {rate: [] for rate in GOALS}
        for number in range(1, rounds + 1):
            for rate in GOALS:
                found[rate].append(steady.round(rate, seconds))
                p99 = found[rate][-1].reached["p99"]
                progress(f"commit: round {number} of {rounds}: {rate:,}/s, p99 {p99:.0f} ms")
    return Commit(bare, found)


class _Steady:
    """Posts messages at a rate, each request of the file once."""

    def __init__(self, tables: Tables, api: Api, requests: RequestFile) -> None:
        self._tables = tables
        self._api = api
        self._requests = requests
        self._next = stream.PATIENTS

    def round(self, rate: int, seconds: int) -> Latencies:
        """Post for some seconds; every message must have had its effect by then, or soon after."""
        last = self._tables.last_seq()
        sent = stream.at_rate(self._api, self._requests, self._next, rate, seconds)
        numbers = range(self._next, self._next + sent.count)
        self._next = numbers.stop
        self._tables.wait_for_all(last + sent.count)
        commits = self._tables.commits_after(last)
        found = keys(padded(number % stream.PATIENTS, number) for number in numbers)
        reached = [commits[key] - (sent.started + place / rate) for place, key in enumerate(found)]
        return Latencies(sent.milliseconds, latencies.percentiles(reached))


def _bare(folder: Path, cores: tuple[int, int]) -> float:
    """POSTs a second of uvicorn and HMAC, measured as for the webhook's ratio."""
    few = write_requests(folder / "few", 4096, stream.PATIENTS, APP_SECRET.encode())
    with Bare(cores[0]) as server:
        found = load(server.url(PATH), few, core=cores[1], seconds=WARM_UP, again=True)
    return found.per_second
