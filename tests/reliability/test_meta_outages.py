"""Meta away, or refusing: nothing is lost, doubled or out of order, and all goes on by itself."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe

import pytest

from support.servers.gate import Gate
from support.servers.valkey import Valkey
from support.servers.waiting import wait_until
from support.stack.environment import NewServers
from support.stack.fleet import Fleet, Sizes, running_fleet
from support.stack.forking import forking
from support.stack.writers import Writers, calls, one_more

TIER = 80.0
PAIR_SECONDS, PAIR_BURST = 6.0, 45
BACK_TO_NORMAL = 30.0
REPEAT_SECONDS = 10
NEVER = 1_000_000

Figures = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Site:
    """Two outbound workers, and the gate between them and Meta."""

    fleet: Fleet
    gate: Gate
    token_file: Path

    def pause(self, seconds: float) -> None:
        """Lets an outage last that long."""
        end = time.monotonic() + seconds
        wait_until(lambda: time.monotonic() >= end, seconds=seconds + 5, what="the outage's end")

    def breaker_is_open(self) -> bool:
        """Whether every outbound worker knows that nothing can be sent."""
        return all(w.dependencies()["channel"]["state"] == "down" for w in self.fleet.outbound)

    def settled(self) -> None:
        """Waits until nothing is under way, statuses included."""
        self.fleet.settle(BACK_TO_NORMAL)


@pytest.fixture(scope="module")
def site(
    new_servers: NewServers,
    valkey: Valkey,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """Without media workers: no patient here sends a file."""
    valkey.clear()
    folder, gate = tmp_path_factory.mktemp("meta"), Gate()
    settings = {
        "whatsapp_base_url": gate.url,
        "whatsapp_repeat_seconds": str(REPEAT_SECONDS),
    }
    sizes = Sizes(api=1, inbound=1, media=0, outbound=2)
    with (
        new_servers() as servers,
        forking() as spawn,
        running_fleet(servers, folder, sizes, settings=settings, spawn=spawn) as fleet,
    ):
        gate.port = int(fleet.simulator.url.rpartition(":")[2])
        gate.open()
        try:
            yield Site(fleet, gate, folder / "whatsapp_token.secret")
        finally:
            gate.close()


def kept(writers: Writers, figures: Figures) -> None:
    """Holds the ledger against what was asked."""
    found = {"lost": writers.lost(), "doubled": writers.doubled(), "inverted": writers.inverted()}
    figures(asked=writers.asked, **found)
    assert found == {"lost": 0, "doubled": 0, "inverted": 0}


@pytest.mark.calm
@pytest.mark.long("an outage, and all that waited for its end")
@pytest.mark.timeout(900)
def test_while_meta_is_down_everything_waits_and_leaves_at_the_allowed_rate_then(
    site: Site, full: bool, figures: Figures
) -> None:
    half, per_second, patients = (300, 10, 200) if full else (6, 60, 80)
    writers, before = Writers(site.fleet, patients), calls(site.fleet)
    with writers.asking(per_second):
        wait_until(lambda: len(writers.sends()) > per_second, seconds=20, what="the first answers")
        site.gate.swallow()
        wait_until(site.breaker_is_open, seconds=20, what="an open breaker")
        site.pause(half)
        site.gate.close()
        site.pause(half)
    ended, answered = time.monotonic(), len(writers.sends())
    waiting = writers.asked - answered
    site.gate.open()
    figures(new_patient_s=one_more(site.fleet, BACK_TO_NORMAL))
    writers.answered(seconds=waiting / TIER + BACK_TO_NORMAL)
    site.settled()
    times = [s["monotonic"] for s in writers.sends() if s["monotonic"] >= ended]
    rate = (len(times) - 1) / (times[-1] - times[0])
    made = calls(site.fleet) - before
    figures(
        outage_s=2 * half,
        waiting=waiting,
        drained_per_s=round(rate, 1),
        first_after_s=round(times[0] - ended, 1),
        attempts_ratio=round(sum(made.values()) / made["accepted"], 3),
        unknown=made["unknown"],
    )
    kept(writers, figures)
    assert rate >= 0.9 * TIER
    assert times[0] - ended <= BACK_TO_NORMAL
    assert sum(made.values()) <= 1.3 * made["accepted"]


@pytest.mark.long("Meta's pace for one patient")
def test_nobody_is_written_to_faster_than_a_pair_may(
    site: Site, full: bool, figures: Figures
) -> None:
    count = PAIR_BURST + (5 if full else 2)
    writers, before = Writers(site.fleet, 1), calls(site.fleet)
    writers.ask(count)
    writers.answered(seconds=(count - PAIR_BURST) * PAIR_SECONDS + BACK_TO_NORMAL)
    site.settled()
    times = [send["monotonic"] for send in writers.sends()]
    for place, start in enumerate(times):
        for n, at in enumerate(times[place:], start=1):
            assert n <= PAIR_BURST + (at - start) / PAIR_SECONDS + 1
    refused = (calls(site.fleet) - before)["pair_rate"]
    figures(seconds=round(times[-1] - times[0], 1), refused=refused)
    kept(writers, figures)
    # Once the burst is used up, a message may reach Meta a moment before its time.
    assert refused <= count - PAIR_BURST


@contextmanager
def refusing(site: Site, code: int, **how: object) -> Iterator[None]:
    """Every call that would send is answered with this code."""
    error = {"code": code, "times": NEVER, **how}
    with site.fleet.meta.faults(error=error):
        yield


@contextmanager
def token_expired(site: Site) -> Iterator[None]:
    """Meta takes another token only; at the end it is in the file."""
    token = token_urlsafe(24)
    site.fleet.meta.control("PATCH", "/app", json={"access_tokens": [token]})
    yield
    site.token_file.write_text(f"{token}\n")


OUTAGES: dict[str, tuple[Callable[[Site], AbstractContextManager[None]], str]] = {
    "expired token (190)": (token_expired, "stop_line"),
    "number rate (130429)": (lambda site: refusing(site, 130429), "number_rate"),
    "server error without effect": (lambda site: refusing(site, 131000, on="any"), "unknown"),
    "server error with effect": (lambda site: refusing(site, 131000, effect=True), "unknown"),
}


@pytest.mark.long("an outage that outlasts the wait for statuses")
@pytest.mark.parametrize("named", OUTAGES)
def test_what_meta_refuses_to_everybody_stops_the_line_and_passes(
    site: Site, named: str, figures: Figures
) -> None:
    outage, reaction = OUTAGES[named]
    writers, before = Writers(site.fleet, 40), calls(site.fleet)
    with writers.asking(10):
        wait_until(lambda: len(writers.sends()) > 10, seconds=20, what="the first answers")
        with outage(site):
            wait_until(site.breaker_is_open, seconds=10, what="an open breaker")
            # Only then all that may have been sent is due: it goes before the patient's later ones.
            site.pause(REPEAT_SECONDS + 2 if "without effect" in named else 5)
        ended = time.monotonic()
        figures(new_patient_s=one_more(site.fleet, BACK_TO_NORMAL))
    writers.answered(seconds=BACK_TO_NORMAL)
    site.settled()
    made = calls(site.fleet) - before
    figures(
        normal_after_s=round(time.monotonic() - ended, 1),
        attempts_ratio=round(sum(made.values()) / made["accepted"], 3),
        refused=made[reaction],
    )
    kept(writers, figures)
    assert made[reaction] > 0
    if reaction in ("stop_line", "number_rate"):
        tried = "SELECT max(attempts) FROM outbox WHERE id::text = ANY(%s)"
        ids = [send["biz_opaque_callback_data"] for send in writers.sends()]
        assert site.fleet.vault.tables.column(tried, ids) == [1]
    if "with effect" not in named:
        assert sum(made.values()) <= 1.3 * made["accepted"]


def test_a_pair_that_is_refused_waits_alone(site: Site, figures: Figures) -> None:
    writers, before, times = Writers(site.fleet, 40), calls(site.fleet), 12
    with site.fleet.meta.faults(error={"code": 131056, "times": times}), writers.asking(10):
        wait_until(lambda: len(writers.sends()) > 40, seconds=20, what="the answers of the others")
    writers.answered(seconds=BACK_TO_NORMAL)
    site.settled()
    refused = (calls(site.fleet) - before)["pair_rate"]
    figures(refused=refused)
    kept(writers, figures)
    assert 0 < refused <= times
    waited = "SELECT bool_and(leased_at > created_at + interval '4 s') FROM outbox"
    waited += " WHERE attempts = 2 AND id::text = ANY(%s)"
    ids = [send["biz_opaque_callback_data"] for send in writers.sends()]
    assert site.fleet.vault.tables.column(waited, ids) == [True]


def decided(site: Site, outcome: str) -> float:
    """How many sends of unknown outcome were settled so, by all workers."""
    workers = (*site.fleet.inbound, *site.fleet.outbound)
    return sum(w.metric("medvault_ambiguous_sends_total", outcome=outcome) for w in workers)


def test_answers_that_get_lost_and_a_worker_that_dies_double_nothing(
    site: Site, figures: Figures
) -> None:
    writers, victim = Writers(site.fleet, 40), site.fleet.outbound[0]
    with (
        site.fleet.meta.faults(drop_answer={"times": 8, "how": "hang"}),
        writers.asking(10),
    ):
        wait_until(
            lambda: sum(not send["answered"] for send in writers.sends()) >= 4,
            seconds=20,
            what="sends without an answer",
        )
        victim.kill()
        victim.start()
        victim.wait()
    writers.answered(seconds=BACK_TO_NORMAL)
    site.settled()
    unanswered = sum(not send["answered"] for send in writers.sends())
    figures(unanswered=unanswered)
    kept(writers, figures)
    assert unanswered >= 4


def test_without_any_status_each_answer_that_got_lost_is_repeated_once(
    site: Site, figures: Figures
) -> None:
    writers, lost, repeated = Writers(site.fleet, 3), 3, decided(site, "repeated")
    never = ["sent", "delivered", "read", "failed"]
    with site.fleet.meta.faults(drop_answer={"times": lost}, drop_statuses=never):
        writers.ask(lost)
        wait_until(
            lambda: len(writers.sends()) == 2 * lost, seconds=BACK_TO_NORMAL, what="the repeats"
        )
        site.settled()
    figures(
        lost=writers.lost(),
        doubled=writers.doubled(),
        repeated=decided(site, "repeated") - repeated,
    )
    assert (writers.lost(), writers.doubled()) == (0, lost)
    assert decided(site, "repeated") == repeated + lost
