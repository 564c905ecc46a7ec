"""Runs the shell examples of docs/simulator.md, in their order, against a demo."""

import os
import subprocess
from pathlib import Path

from support.demo import DemoCommand
from unit.docs.pages import ROOT, blocks


def test_the_simulators_examples_work(tmp_path: Path) -> None:
    examples = [block for block in blocks(ROOT / "docs" / "simulator.md") if block.tested]
    assert len(examples) > 5
    script = "\n".join(["set -eux", *(block.text for block in examples)])
    with DemoCommand(tmp_path / "data") as demo:
        ran = subprocess.run(
            ["sh", "-c", script.replace("/tmp/", f"{tmp_path}/")],
            env={**os.environ, "SIM": demo.chat_url},
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert '"verified":true' in ran.stdout
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
