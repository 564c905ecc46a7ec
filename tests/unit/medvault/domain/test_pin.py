"""PINs: how they are read, hashed and tried."""

from datetime import UTC, datetime, timedelta

import pytest

from medvault.domain.pin import Pin, Result, Scrypt, attempt, fits, read, too_easy

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
QUICK = Scrypt(1)


def pin() -> Pin:
    """One that is set."""
    return Pin(QUICK.hashed("482913", b"salt"), NOW - timedelta(days=1))


def tried(known: Pin, digits: str, times: int, now: datetime = NOW) -> tuple[Pin, Result]:
    """As many tries, and what became of the last."""
    result = Result.RIGHT
    for _ in range(times):
        known, result = attempt(known, digits, now)
    return known, result


@pytest.mark.parametrize(
    "text", ["482913", " 482 913 ", "48-29-13", "４８２９１３", "४८२९१३", "482913."]
)
def test_digits_are_read_however_they_are_typed(text: str) -> None:
    assert read(text) == "482913"


@pytest.mark.parametrize("text", ["", "hello", "48291a", "2/5/2019", "Clinic 482913", "--"])
def test_nothing_else_is_read_as_digits(text: str) -> None:
    assert read(text) is None


def test_six_digits_fit() -> None:
    assert [fits(one) for one in ("482913", "48291", "4829130", None)] == [
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize("digits", ["000000", "999999", "123456", "654321", "012345", "121212"])
def test_what_everybody_would_try_first_is_too_easy(digits: str) -> None:
    assert too_easy(digits)


def test_anything_else_is_not_too_easy() -> None:
    assert not any(map(too_easy, ("482913", "135790", "020519", "100000")))


def test_a_hash_has_its_salt_and_its_cost_and_not_the_digits() -> None:
    hashed = Scrypt().hashed("482913", b"0123456789abcdef")
    assert hashed.startswith("14:")
    assert "482913" not in hashed
    assert Scrypt.matches("482913", hashed)
    assert not Scrypt.matches("482914", hashed)
    assert hashed != Scrypt().hashed("482913", b"another salt")


def test_five_wrong_tries_shut_it_for_an_hour_even_to_the_right_one() -> None:
    known, result = tried(pin(), "135791", 4)
    assert result is Result.WRONG
    known, result = attempt(known, "135791", NOW)
    assert (result, known.pause(NOW)) == (Result.SHUT, timedelta(hours=1))
    assert attempt(known, "482913", NOW + timedelta(minutes=59)) == (known, Result.SHUT)
    known, result = attempt(known, "482913", NOW + timedelta(hours=1))
    assert (result, known.wrong, known.pauses) == (Result.RIGHT, 0, 0)


def test_each_pause_is_twice_as_long_up_to_a_week() -> None:
    known, now, pauses = pin(), NOW, []
    for _ in range(12):
        known, _ = tried(known, "135791", 5, now)
        pauses.append(known.pause(now))
        now += pauses[-1] or timedelta()
    hours = [pause.total_seconds() / 3600 for pause in pauses if pause]
    assert hours == [1, 2, 4, 8, 16, 32, 64, 128, 168, 168, 168, 168]


def test_a_right_try_forgets_the_wrong_ones() -> None:
    known, _ = tried(pin(), "135791", 4)
    known, result = attempt(known, "482913", NOW)
    assert (result, known.wrong) == (Result.RIGHT, 0)
