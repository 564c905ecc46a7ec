"""Which image runs, and which Jobs stand around its change."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Release:
    """What shall run now.

    `migrate` is the image whose migration Job shall exist; `deploy` the one that services run,
    none before the first migration is done; `contract` tells whether the Job that removes what
    only the release before needed shall exist.
    """

    migrate: str | None
    deploy: str | None
    contract: bool = False
