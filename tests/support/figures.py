"""Files of figures in `build/`, to which several processes that run tests add theirs."""

import fcntl
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def load(file: Path) -> dict[str, Any]:
    """The figures in a file, by name; none where there is no file."""
    found: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    return found


def add(file: Path, figures: Mapping[str, Any]) -> None:
    """Writes these into the file; those of earlier and other runs are kept."""
    if not figures:
        return
    file.parent.mkdir(exist_ok=True)
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        whole = file.with_suffix(".new")
        whole.write_text(json.dumps({**load(file), **figures}, indent=2) + "\n")
        whole.replace(file)
