"""The file with all figures."""

import json
from pathlib import Path
from typing import Any

from load.measurement import Findings

RESULT = Path("build/bench.json")


def keep(name: str, findings: Findings, result: Path = RESULT) -> None:
    """Write a measurement's figures into the file, beside those of others."""
    kept: dict[str, Any] = json.loads(result.read_text()) if result.exists() else {}
    figures = kept.pop("figures", {})
    figures[name] = findings.as_json()
    headlines = {key: round(figure, 3) for key, figure in findings.headlines().items()}
    result.parent.mkdir(exist_ok=True)
    result.write_text(json.dumps(kept | headlines | {"figures": figures}, indent=2) + "\n")
