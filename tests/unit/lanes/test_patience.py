"""Tests that share the machine with others wait longer for the same condition."""

import pytest

from support.servers.waiting import PATIENCE, wait_until


@pytest.mark.parametrize(("patience", "waits"), [("1", "0.02"), ("3", "0.06")])
def test_a_wait_ends_after_as_long_as_its_lane_has_patience(
    monkeypatch: pytest.MonkeyPatch, patience: str, waits: str
) -> None:
    monkeypatch.setenv(PATIENCE, patience)
    with pytest.raises(TimeoutError, match=f"^a miracle: not within {waits} s$"):
        wait_until(lambda: False, seconds=0.02, what="a miracle")
