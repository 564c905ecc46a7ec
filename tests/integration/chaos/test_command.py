"""The checker as a command, which a cluster's runs use too."""

import json
import os
import subprocess
import sys
from pathlib import Path

from integration.chaos.history import History, served

TESTS = Path(__file__).parents[2]


def run(*arguments: str, **secrets: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "chaos.checker", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(TESTS), **secrets}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


def checked(history: History, report: Path) -> subprocess.CompletedProcess[str]:
    with served(history.meta) as url:
        sources, store = history.sources(url), history.files.store
        return run(
            *("--simulator", url, "--json", str(report)),
            *("--s3-endpoint", store.endpoint, "--bucket", history.files.name),
            CHECKER_DATABASE_URL=sources.database_url,
            CHECKER_INDEX_KEY=sources.index_key,
            CHECKER_S3_ACCESS_KEY=store.access_key,
            CHECKER_S3_SECRET_KEY=store.secret_key,
        )


def test_a_right_run_ends_with_0_and_a_wrong_one_with_1(history: History, tmp_path: Path) -> None:
    report = tmp_path / "found.json"
    right = checked(history, report)
    assert right.returncode == 0, right.stderr
    assert json.loads(report.read_text())["violations"] == []
    history.sql("DELETE FROM inbox WHERE seq = 1")
    wrong = checked(history, report)
    assert wrong.returncode == 1, wrong.stderr
    assert "VIOLATION" in wrong.stdout
    assert json.loads(report.read_text())["lost"] == 1


def test_help_names_every_secret_and_a_missing_one_is_named() -> None:
    told = run("--help")
    assert told.returncode == 0
    refused = run("--simulator", "http://127.0.0.1:9", "--folder", ".", CHECKER_DATABASE_URL="")
    assert refused.returncode == 1
    assert "CHECKER_DATABASE_URL" in told.stdout
    assert "CHECKER_DATABASE_URL is not set" in refused.stderr
