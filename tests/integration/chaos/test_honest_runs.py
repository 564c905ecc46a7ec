"""The checker finds nothing in what is right, wherever the files are."""

from pathlib import Path

from chaos.checker.findings import Findings
from integration.chaos.history import History, Recording


def test_a_run_without_faults_violates_nothing(run: tuple[Findings, Recording]) -> None:
    found, recording = run
    assert found.violations == []
    told = {
        name
        for webhook in recording.meta["/sim/ledger"]["webhooks"]
        for name in webhook["messages"]
    }
    assert found.counts["sent"] == found.counts["answered"] == found.counts["effects"] == len(told)
    assert found.counts["statuses_applied"] == found.counts["statuses"] > 0
    assert found.counts["reports_filed"] == 3


def test_a_recorded_run_violates_nothing_either(
    history: History, run: tuple[Findings, Recording]
) -> None:
    assert history.check().as_json() == run[0].as_json()


def test_the_files_may_lie_in_a_folder(history: History, tmp_path: Path) -> None:
    assert history.check(history.into(tmp_path)).violations == []
    (tmp_path / "incoming" / ".half.part").touch()
    found = history.check(tmp_path)
    assert found.counts["orphaned"] == 1
    assert ".half" not in found.table()
