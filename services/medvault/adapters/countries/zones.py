"""Time zones by country, from the table that comes with the system's time zones (`zone.tab`)."""

import re
import zoneinfo
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from medvault.domain.identity import Contact

_COUNTRY = re.compile(r"([A-Z]{2})\.")


def zones(contact: Contact) -> tuple[ZoneInfo, ...]:
    """Return the zones of the country in a user id (`IN.1349…`); none where nothing names one."""
    country = _COUNTRY.match(contact.user_id or "")
    return _by_country().get(country[1], ()) if country else ()


@cache
def _by_country() -> Mapping[str, tuple[ZoneInfo, ...]]:
    """Read the table once; a system without it knows the clinic's zone only."""
    found: defaultdict[str, list[ZoneInfo]] = defaultdict(list)
    paths = (Path(folder, "zone.tab") for folder in zoneinfo.TZPATH)
    table = next((path.read_text() for path in paths if path.is_file()), "")
    for line in table.splitlines():
        if not line.startswith("#"):
            country, _, name, *_ = line.split("\t")
            found[country].append(ZoneInfo(name))
    return {country: tuple(zones) for country, zones in found.items()}
