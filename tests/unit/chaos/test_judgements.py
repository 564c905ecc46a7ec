"""The checker finds whatever is wrong in a history, and nothing in one that is right."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaos.checker.check import judge
from unit.chaos.faults import ALLOWED, FOUND, Fault
from unit.chaos.world import honest

seeds = st.integers(0, 2**32 - 1)
EACH = [(name, fault) for name, faults in FOUND.items() for fault in faults]


@given(seeds)
def test_a_history_that_is_right_violates_nothing(seed: int) -> None:
    world = honest(seed)
    found = judge(world.evidence())
    assert found.violations == []
    assert found.counts["sent"] == found.counts["answered"] == len(world.messages)
    assert found.counts["effects"] == found.counts["sent"]
    assert found.counts["statuses_applied"] == found.counts["statuses"] == len(world.statuses)


@pytest.mark.parametrize(("name", "fault"), EACH, ids=lambda value: getattr(value, "__name__", ""))
@settings(max_examples=25)
@given(seed=seeds)
def test_a_fault_is_found_and_named(name: str, fault: Fault, seed: int) -> None:
    world = honest(seed)
    fault(world)
    found = judge(world.evidence())
    assert found.counts[name] > 0
    assert found.violations
    assert "wamid" not in found.table()


@pytest.mark.parametrize("name", ALLOWED)
@settings(max_examples=25)
@given(seed=seeds)
def test_what_can_not_be_helped_is_counted_apart(name: str, seed: int) -> None:
    world = honest(seed)
    ALLOWED[name](world)
    found = judge(world.evidence())
    assert found.violations == []
    assert found.counts[name] > 0
