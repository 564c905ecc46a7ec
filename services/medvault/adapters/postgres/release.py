"""Which schema this code needs, and how its connections say so."""

from typing import Final

NEEDED: Final = "0019"
"""The revision that must have been reached: the newest expand step."""

ALONE: Final = "0020"
"""The contract step after which no process of the release before is left."""

APPLICATION: Final = f"medvault/{NEEDED}"
"""The `application_name` of every connection; a contract step waits until older ones are gone."""
