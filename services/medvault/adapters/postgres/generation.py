"""Which schema this code needs, and how its connections say so."""

from typing import Final

NEEDED: Final = "0009"
"""The revision that must have been reached: the newest expand step."""

APPLICATION: Final = f"medvault/{NEEDED}"
"""The `application_name` of every connection; a contract step waits until older ones are gone."""
