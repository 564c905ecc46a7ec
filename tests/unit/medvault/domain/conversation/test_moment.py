from datetime import UTC, date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from medvault.adapters.countries.zones import zones
from medvault.domain.conversation.moment import Moment
from medvault.domain.identity import Contact

INDIA, BERLIN = ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/Berlin")
LATE = datetime(2026, 11, 27, 22, 25, tzinfo=UTC)  # 03:55 in India, on the 28th


def _moment(now: datetime = LATE, zone: ZoneInfo = ZoneInfo("UTC")) -> Moment:
    return Moment(now, now.astimezone(zone).date(), uuid4, zone=zone)


def test_a_patients_day_is_that_of_their_country() -> None:
    assert _moment().among(zones(Contact("IN.1349", None))).today == date(2026, 11, 28)
    assert _moment(zone=INDIA).among(zones(Contact("GB.1349", None))).today == date(2026, 11, 27)


def test_who_may_live_in_many_zones_lives_in_the_clinics() -> None:
    chicago = ZoneInfo("America/Chicago")
    night = datetime(2026, 11, 28, 5, 30, tzinfo=UTC)
    assert _moment(night, chicago).among(zones(Contact("US.1", None))).today == date(2026, 11, 27)


def test_without_a_country_the_day_is_the_clinics() -> None:
    for contact in (Contact(None, "919812345678"), Contact("ZZ.1", None), Contact("1349", None)):
        assert _moment(zone=BERLIN).among(zones(contact)).today == date(2026, 11, 27)


def test_the_latest_day_is_the_furthest_easts() -> None:
    assert _moment().latest == date(2026, 11, 28)
    assert _moment(datetime(2026, 11, 27, 9, 59, tzinfo=UTC)).latest == date(2026, 11, 27)
    assert _moment(datetime(2026, 11, 27, 10, 0, tzinfo=UTC)).latest == date(2026, 11, 28)
