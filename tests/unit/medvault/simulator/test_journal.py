import os
from pathlib import Path

import pytest

from medvault.simulator.journal import Journal, UnreadableJournal
from medvault.simulator.options import SimulatorOptions

KEY = os.urandom(32)


def written(path: Path, *texts: str) -> None:
    journal = Journal(path, KEY)
    list(journal.records())
    for text in texts:
        journal.append("note", {"text": text})
    journal.close()


def read(path: Path, key: bytes = KEY) -> list[str]:
    journal = Journal(path, key)
    try:
        return [record["text"] for _, record in journal.records()]
    finally:
        journal.close()


def test_records_come_back_in_order(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    written(path, "one", "two")
    written(path, "three")
    assert read(path) == ["one", "two", "three"]
    assert b"one" not in path.read_bytes()


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_last_record_cut_off_by_a_kill_is_dropped(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "journal"
    written(path, "one", "two")
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    assert read(path) == ["one"]
    written(path, "three")
    assert read(path) == ["one", "three"]


def test_records_cannot_change_places(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    written(path, "one", "two")
    whole = path.read_bytes()
    path.write_bytes(whole[len(whole) // 2 :] + whole[: len(whole) // 2])
    with pytest.raises(UnreadableJournal):
        read(path)


def test_another_key_does_not_open_it(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    written(path, "one")
    with pytest.raises(UnreadableJournal, match="key"):
        read(path, os.urandom(32))


def test_a_journal_without_a_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="journal_key of 32 bytes"):
        SimulatorOptions(
            webhook_url="http://127.0.0.1:9",
            app_secret="s",
            access_tokens=("t",),
            verify_token="v",
            journal=tmp_path / "journal",
        )
