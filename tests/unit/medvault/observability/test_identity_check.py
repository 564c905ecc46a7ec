from medvault.observability.health import Readiness
from medvault.observability.identity_check import IdentityCheck


def test_nothing_is_known_before_some_messages_came() -> None:
    check = IdentityCheck()
    check.note(0, 5)
    assert check() == "not known yet"


def test_a_key_shows_that_it_is_on() -> None:
    check = IdentityCheck()
    check.note(1, 50)
    assert check() == "on"
    check.note(0, 5)
    assert check() == "on"


def test_many_messages_without_a_key_show_that_it_is_off() -> None:
    check = IdentityCheck()
    check.note(1, 0)
    for _ in range(4):
        check.note(0, 5)
    assert check() == "off"
    check.note(1, 0)
    assert check() == "on"


def test_readiness_shows_it_as_a_note() -> None:
    shown = Readiness({}, notes={"identity check": lambda: "off"})().as_json()
    assert shown["notes"] == {"identity check": "off"}
    assert "notes" not in Readiness({})().as_json()
