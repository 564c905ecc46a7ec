"""Runs what docs/operations.md says on keys."""

import os
import subprocess
import sys
from pathlib import Path

from medvault.adapters.crypto.blind_index import KeyedIndex
from medvault.adapters.crypto.intake_key import IntakeKey
from medvault.adapters.crypto.keyring import KeyRing
from unit.docs.pages import ROOT, blocks


def test_keys_are_made_and_changed_as_the_page_says(tmp_path: Path) -> None:
    made, printed, changed = (b for b in blocks(ROOT / "docs" / "operations.md") if b.tested)
    program = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    rings = []
    for block in (made, printed, changed):
        subprocess.run(["sh", "-eu", "-c", block.text], cwd=tmp_path, check=True, env=program)
        rings.append(KeyRing.parse((tmp_path / "keys").read_text()))
    old, _, new = rings
    assert (old.current, new.current) == ("k1", "k2")
    assert new.master("k1") == old.master("k1")
    assert IntakeKey.parse((tmp_path / "intake-key").read_text()) == IntakeKey.of(old)
    assert KeyedIndex.parse((tmp_path / "index-key").read_text())("wa_id", "1")
