"""Recovery is counted from the end of a fault, and told apart where faults overlap."""

from chaos.nemesis import How
from chaos.recovery import Outage, figures, mark_overlapping, percentile


def outage(
    began: float, *, kind: str = "s3", down: float = 2.0, took: float | None = 3.0
) -> Outage:
    return Outage(kind, kind, How.KILL, began, down, ready=1.0, answered=took)


def test_it_lasts_until_the_component_is_ready_and_a_patient_is_answered() -> None:
    assert outage(0, took=3.0).recovery == 3.0
    assert outage(0, took=0.5).recovery == 1.0
    assert outage(0, took=None).recovery is None


def test_a_fault_is_alone_if_no_other_is_away_before_it_is_over() -> None:
    first, during, later = outage(0), outage(4), outage(30)
    mark_overlapping([first, during, later])
    assert [first.alone, during.alone, later.alone] == [False, True, True]


def test_a_fault_that_was_never_recovered_from_overlaps_all_later_ones() -> None:
    first, later = outage(0, took=None), outage(60)
    mark_overlapping([first, later])
    assert not first.alone


def test_percentiles_are_of_all_faults_and_the_worst_also_of_those_alone() -> None:
    outages = [outage(100.0 * n, took=float(n)) for n in range(1, 21)]
    outages.append(outage(2000.5, kind="valkey", took=50.0))
    mark_overlapping(outages)
    found = figures(outages)
    assert found["s3"]["faults"] == 20
    assert found["s3"]["p50"] == 10.0
    assert found["s3"]["max alone"] == 19.0
    assert found["valkey"]["alone"] == 0
    assert found["valkey"]["max alone"] is None
    assert found["valkey"]["p95"] == 50.0
    assert found["all"]["faults"] == 21


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert percentile([], 0.5) is None
    assert percentile([1.0, 2.0, 9.0], 0.5) == 2.0
    assert percentile([1.0, 2.0, 9.0], 0.95) == 9.0
    assert percentile([1.0], 0.01) == 1.0
