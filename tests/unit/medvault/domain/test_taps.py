"""Taps: ids that are sent come back as what they stood for, and no other id does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvault.domain.taps import MAX_ID, Choice, Tap

OF_OLDER_MESSAGES = {
    "report:0190a4d2c0de7000800000000000002a": Tap(
        Choice.REPORT, "0190a4d2c0de7000800000000000002a"
    ),
    "menu:list": Tap(Choice.MENU, "list"),
    "menu:set pin": Tap(Choice.MENU, "set pin"),
    "date:7:2019-05-02": Tap(Choice.DATE, "2019-05-02", 7),
    "hospital:7:0": Tap(Choice.HOSPITAL, "0", 7),
    "type:7:lab": Tap(Choice.TYPE, "lab", 7),
    "confirm:7": Tap(Choice.CONFIRM, turn=7),
    "edit:7": Tap(Choice.EDIT, turn=7),
    "change:7:hospital": Tap(Choice.CHANGE, "hospital", 7),
    "cancel:1795000000": Tap(Choice.CANCEL, turn=1_795_000_000),
}


@pytest.mark.parametrize(("id", "tap"), OF_OLDER_MESSAGES.items())
def test_ids_in_chats_of_the_release_before_are_read_and_written_alike(id: str, tap: Tap) -> None:
    assert Tap.read(id) == tap
    assert tap.id == id


def test_each_choice_is_among_them() -> None:
    assert {tap.choice for tap in OF_OLDER_MESSAGES.values()} == set(Choice)


@pytest.mark.parametrize(
    "id",
    [
        "", ":", "date", "confirm:", "confirm:x", "confirm:-1", "confirm:07", "confirm: 7", "\x00",
        "confirm:²", "confirm:७", "confirm:" + "1" * 5000, "filing:7:now", "Menu:list",
        "hospital::0",
    ],
)  # fmt: skip
def test_no_other_id_is_a_tap(id: str) -> None:
    assert Tap.read(id) is None


@given(st.text())
def test_whatever_is_read_is_of_a_known_choice(id: str) -> None:
    tap = Tap.read(id)
    assert tap is None or id.startswith(tap.choice)


def test_an_id_that_whatsapp_would_refuse_is_not_made() -> None:
    fits = Tap(Choice.MENU, "x" * (MAX_ID - len("menu:")))
    assert len(fits.id) == MAX_ID
    with pytest.raises(ValueError, match="201 characters"):
        _ = Tap(Choice.MENU, fits.value + "x").id
