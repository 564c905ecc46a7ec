import threading
import time
from collections.abc import Iterator

import pytest

from medvault.domain.errors import Permanent, Refused, Unavailable
from medvault.observability.health import Readiness
from medvault.observability.metrics import REGISTRY


class Hanging:
    """A check that hangs until it is let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.calls = 0

    def __call__(self) -> None:
        self.calls += 1
        self.let_go.wait(30)


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    check = Hanging()
    yield check
    check.let_go.set()


class Clock:
    """A clock that tests move."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def fine() -> None:
    return None


def away() -> None:
    raise Unavailable("database")


def broken() -> None:
    raise ZeroDivisionError


def gauge(metric: str, dependency: str) -> float | None:
    return REGISTRY.get_sample_value(f"medvault_{metric}", {"dependency": dependency})


def test_ready_when_every_dependency_answers() -> None:
    report = Readiness({"database": fine, "broker": fine})()
    assert report.ready
    assert {found.state for found in report.dependencies.values()} == {"up"}
    assert gauge("dependency_up", "database") == 1


@pytest.mark.parametrize("check", [away, broken])
def test_not_ready_when_a_check_raises_whatever_it_is(check: type) -> None:
    report = Readiness({"database": check, "broker": fine})()
    assert not report.ready
    assert report.dependencies["database"].state == "down"
    assert report.dependencies["broker"].state == "up"
    assert gauge("dependency_up", "database") == 0


@pytest.mark.parametrize(
    "error",
    [Refused("database", "refuses the user or the password", "login"), Permanent("is wrong")],
    ids=lambda error: type(error).__name__,
)
def test_who_is_not_let_in_is_told_from_who_gets_no_answer(error: Exception) -> None:
    def refuses() -> None:
        raise error

    report = Readiness({"database": refuses, "broker": away})()
    assert not report.ready
    assert report.dependencies["database"].state == "refused"
    assert report.dependencies["broker"].state == "down"
    shown = report.dependencies["database"].as_json()
    assert shown["why"] == str(error)
    assert "why" not in report.dependencies["broker"].as_json()
    assert gauge("dependency_up", "database") == 0


@pytest.mark.alone
def test_a_hanging_check_costs_about_a_second_and_spoils_no_other(hanging: Hanging) -> None:
    started = time.monotonic()
    report = Readiness({"store": hanging, "scanner": hanging, "broker": fine})()
    assert 0.9 < time.monotonic() - started < 1.6
    assert [found.state for found in report.dependencies.values()] == ["down", "down", "up"]
    assert report.dependencies["store"].milliseconds >= 900
    seconds = gauge("dependency_seconds", "store")
    assert seconds is not None
    assert seconds >= 0.9


def test_a_check_that_still_hangs_is_not_started_again(hanging: Hanging) -> None:
    clock = Clock()
    readiness = Readiness({"store": hanging}, clock=clock)
    assert not readiness().ready
    clock.now = 5.0
    assert not readiness().ready
    assert hanging.calls == 1
    hanging.let_go.set()
    clock.now = 10.0
    assert readiness().ready


def test_a_report_is_remembered_for_a_second() -> None:
    clock = Clock()
    calls: list[None] = []
    readiness = Readiness({"cache": lambda: calls.append(None)}, clock=clock)
    first = readiness()
    clock.now = 0.99
    assert readiness() is first
    clock.now = 1.01
    assert readiness() is not first
    assert len(calls) == 2


def test_many_probes_at_once_share_one_report() -> None:
    calls: list[None] = []
    readiness = Readiness({"cache": lambda: calls.append(None)})
    threads = [threading.Thread(target=readiness) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1


def test_a_note_is_shown_and_leaves_the_process_ready() -> None:
    report = Readiness({"scanner": lambda: "not scanned"})()
    assert report.ready
    assert report.dependencies["scanner"].state == "not scanned"


def test_the_loss_of_an_optional_dependency_is_shown_and_leaves_the_process_ready() -> None:
    report = Readiness({"cache": away, "database": fine}, optional={"cache"})()
    assert report.ready
    assert report.dependencies["cache"].state == "down"


def test_a_dependency_that_no_metric_knows_is_refused_at_once() -> None:
    with pytest.raises(KeyError):
        Readiness({"weather": fine})


def test_who_drains_is_not_ready_at_once_whatever_the_last_report_said() -> None:
    readiness = Readiness({"database": fine})
    assert readiness().ready
    readiness.drain()
    report = readiness()
    assert not report.ready
    assert report.as_json()["status"] == "draining"
    assert report.dependencies["database"].state == "up"
