"""Runs what docs/operations.md says on keys."""

import subprocess
from pathlib import Path

from medvault.adapters.crypto.blind_index import KeyedIndex
from medvault.adapters.crypto.keyring import KeyRing
from unit.docs.pages import ROOT, blocks


def test_keys_are_made_and_changed_as_the_page_says(tmp_path: Path) -> None:
    made, changed = (b for b in blocks(ROOT / "docs" / "operations.md") if b.tested)
    rings = []
    for block in (made, changed):
        subprocess.run(["sh", "-eu", "-c", block.text], cwd=tmp_path, check=True)
        rings.append(KeyRing.parse((tmp_path / "keys").read_text()))
    old, new = rings
    assert (old.current, new.current) == ("k1", "k2")
    assert new.master("k1") == old.master("k1")
    assert KeyedIndex.parse((tmp_path / "index-key").read_text())("wa_id", "1")
