from medvault.application.time_budget import BUDGET, HEAVY, TimeBudget
from medvault.domain.updates import PendingUpdate, UpdateKind

ONE, TWO = (PendingUpdate(seq, UpdateKind.MESSAGE, b"", 0) for seq in (1, 2))


class Time:
    """A clock and the computing of a thread, both moved by hand."""

    def __init__(self) -> None:
        self.now = self.computed = 0.0
        self.turn = TimeBudget(lambda: self.now, lambda: self.computed)

    def works(self, update: PendingUpdate, waited: float = 0, computed: float = 0) -> None:
        self.turn.spend(update, self._pass, waited + computed, computed)

    def _pass(self, passed: float, computed: float) -> None:
        self.now += passed
        self.computed += computed


def test_a_turn_is_over_once_its_updates_have_taken_two_seconds_together() -> None:
    time = Time()
    time.works(ONE, computed=BUDGET / 2)
    assert time.turn.half_over
    assert not time.turn.over
    time.works(TWO, waited=BUDGET / 2)
    assert time.turn.over


def test_how_long_the_database_takes_is_no_time_of_the_turn() -> None:
    time = Time()
    time.works(ONE)
    time.now += 10 * BUDGET
    assert not time.turn.over


def test_who_computed_longest_is_to_blame_all_parts_of_its_work_together() -> None:
    time = Time()
    time.works(ONE, computed=0.6 * HEAVY)
    time.works(TWO, computed=0.8 * HEAVY)
    assert time.turn.culprit is None
    time.works(ONE, computed=0.6 * HEAVY)
    assert time.turn.culprit == ONE.seq


def test_nobody_is_to_blame_while_the_machine_stands_still() -> None:
    time = Time()
    assert time.turn.culprit is None
    time.works(ONE, waited=60)
    assert time.turn.over
    assert time.turn.culprit is None


def test_what_many_computed_is_not_blamed_on_one_that_the_machine_stood_still_with() -> None:
    time = Time()
    for _ in range(200):
        time.works(TWO, computed=HEAVY / 100)
    time.works(ONE, waited=60)
    assert time.turn.culprit != ONE.seq


def test_work_gives_back_what_it_made_and_what_fails_has_cost_as_well() -> None:
    time = Time()
    assert time.turn.spend(ONE, max, 1, 2) == 2

    def fail() -> None:
        time.now += HEAVY
        time.computed += HEAVY
        raise KeyError

    try:
        time.turn.spend(TWO, fail)
    except KeyError:
        assert time.turn.culprit == TWO.seq
    else:
        raise AssertionError("the failure is lost")
