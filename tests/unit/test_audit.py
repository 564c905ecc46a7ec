"""`setup/audit` is green only where each package was looked up."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

SETUP = Path(__file__).parents[2] / "setup"
CLEAN: dict[str, Any] = {"name": "clean", "version": "1", "vulns": []}
ADVISORY = {"id": "PYSEC-1", "fix_versions": ["1.1"], "aliases": [], "description": "d"}
WEAK = {"name": "weak", "version": "1", "vulns": [ADVISORY]}
SKIPPED = {"name": "skipped", "skip_reason": "could not be audited: skipped (1)"}


def audit(folder: Path, said: str, code: int) -> "subprocess.CompletedProcess[str]":
    """Runs it where pip-audit says this and ends with that code, as the real one does."""
    (folder / "setup").mkdir()
    for name in ("audit", "uv"):
        shutil.copy2(SETUP / name, folder / "setup")
    (folder / "said").write_text(said)
    uv = folder / "uv"
    uv.write_text(f'#!/bin/sh\n[ "$1" = export ] || {{ cat {folder}/said; exit {code}; }}\n')
    uv.chmod(0o755)
    return subprocess.run(
        [folder / "setup" / "audit"],
        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("packages", "theirs", "ours", "loud"),
    [
        ([CLEAN, CLEAN], 0, 0, False),
        ([CLEAN, WEAK], 1, 1, False),
        ([SKIPPED, SKIPPED], 0, 3, True),
        ([CLEAN, SKIPPED], 0, 3, True),
        ([WEAK, SKIPPED], 1, 1, True),
        ([], 0, 3, True),
    ],
)
def test_what_was_not_looked_up_is_said_loudly_and_is_not_green(
    tmp_path: Path, packages: list[Any], theirs: int, ours: int, *, loud: bool
) -> None:
    done = audit(tmp_path, json.dumps({"dependencies": packages, "fixes": []}), theirs)
    assert done.returncode == ours
    assert ("NOT AUDITED" in done.stderr) == loud
    assert ("weak 1: PYSEC-1, mended in 1.1" in done.stdout) == (WEAK in packages)


def test_an_audit_that_fails_is_not_green(tmp_path: Path) -> None:
    done = audit(tmp_path, "ERROR: no network", 0)
    assert done.returncode == 3
    assert "NOT AUDITED: no advisories could be had for\n##  all packages" in done.stderr
