"""The work of other processes once a lease is over, until nothing waits."""

from support.clinic.clinic import Clinic

_UNFINISHED = """
SELECT kind FROM inbox WHERE done_at IS NULL
UNION ALL SELECT state FROM media WHERE due_at IS NOT NULL
UNION ALL SELECT state FROM media
    WHERE in_incoming AND state IN ('filed', 'refused', 'discarded')
"""
_ROUNDS = 8


def recover(clinic: Clinic) -> None:
    """Goes on until all work has ended; AssertionError where it does not."""
    maintenance = clinic.maintenance()
    for _ in range(_ROUNDS):
        clinic.due()
        maintenance.tick()
        clinic.settle()
        if not clinic.tables.column(_UNFINISHED):
            return
    left = clinic.tables.column(_UNFINISHED)
    raise AssertionError(f"work that does not end: {left}")
