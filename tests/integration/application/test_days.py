"""The patient's day: today's date, and the dates that have come."""

from datetime import UTC, datetime

import pytest

from medvault.bootstrap import inbound
from medvault.bootstrap.inbound import make_inbound
from support.clinic.clinic import Clinic

ASHA, ERIN = "IN.asha", "US.erin"
LATE = datetime(2026, 11, 27, 22, 25, tzinfo=UTC)
"""03:55 of the 28th in India, while the clinic, and the day before in America, are at UTC."""


@pytest.fixture
def late(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> Clinic:
    """A clinic late in the evening."""
    monkeypatch.setattr(inbound, "utc_now", lambda: LATE)
    clinic.inbound = make_inbound(clinic.base, clinic.cache, clinic.waker)
    return clinic


def _says_today(clinic: Clinic, user_id: str, text: str) -> str | None:
    clinic.gets_file(user_id)
    clinic.settle()
    clinic.hears(user_id, text)
    draft = clinic.state(user_id).filing.draft
    return draft.day.isoformat() if draft and draft.day else None


def test_today_in_india_has_come(late: Clinic) -> None:
    assert _says_today(late, ASHA, "28/11/2026") == "2026-11-28"


def test_today_is_the_day_where_the_patient_lives(late: Clinic) -> None:
    assert _says_today(late, ASHA, "today") == "2026-11-28"
    assert _says_today(late, ERIN, "today") == "2026-11-27"


def test_tomorrow_everywhere_has_not_come(late: Clinic) -> None:
    assert _says_today(late, ASHA, "29/11/2026") is None
