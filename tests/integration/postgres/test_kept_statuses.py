"""However many statuses are kept for later, a look at the lane reads what is due."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from medvault.domain.updates import STATUSES, SealedUpdate, UpdateKind
from medvault.ports.persistence import UnitOfWork
from support.plans import blocks
from support.vaults import Vault

KEPT = """
INSERT INTO inbox (key, subject, kind, received_at, due_at)
SELECT gen_random_uuid(), :lane, 'status', now() - interval '1 minute', now() + interval '4 minutes'
FROM generate_series(1, 50000)
"""
TRIED = "UPDATE inbox SET attempts = 1 WHERE due_at <= now() AND seq % 4 = 0"
FINISHED = """
UPDATE inbox SET done_at = now(), outcome = 'applied'
WHERE due_at <= now() AND attempts = :attempts
"""
DUE = 40
BLOCKS = 12 * DUE
"""The blocks that all statements of a call may read: fifty thousand rows fill over a thousand."""


@pytest.fixture(params=["", "ANALYZE inbox"], ids=["unmeasured", "measured"])
def lane(vault: Vault, request: pytest.FixtureRequest) -> Vault:
    """A lane with statuses that are due behind those that are kept, some of them tried."""
    vault.sql(KEPT, lane=str(STATUSES))
    vault.receive(*(status(vault, n) for n in range(DUE)))
    vault.sql(TRIED)
    if request.param:
        vault.sql(request.param)
    return vault


def status(vault: Vault, n: int) -> SealedUpdate:
    update = vault.message(STATUSES, str(n))
    return update._replace(kind=UpdateKind.STATUS)


def test_what_is_due_is_claimed_oldest_first_and_what_is_kept_is_not(lane: Vault) -> None:
    with lane.database.begin() as work:
        fresh, tried = work.inbox.claim_statuses(512), work.inbox.claim_statuses(512, tried=True)
    for found in (fresh, tried):
        assert [update.seq for update in found] == sorted(update.seq for update in found)
    assert {update.attempts for update in fresh} == {0}
    assert {update.attempts for update in tried} == {1}
    assert len(fresh) + len(tried) == DUE


def test_what_is_overdue_is_found_and_what_is_kept_is_not(lane: Vault) -> None:
    lane.later("inbox", 3, "due_at <= now()")
    for attempts in (0, 1):
        with lane.database.begin() as work:
            assert work.inbox.overdue(timedelta(seconds=2), 9) == [STATUSES]
        lane.sql(FINISHED, attempts=attempts)
    with lane.database.begin() as work:
        assert work.inbox.overdue(timedelta(seconds=2), 9) == []


CALLS: dict[str, Callable[[UnitOfWork], object]] = {
    "claim": lambda work: work.inbox.claim_statuses(512),
    "claim of what was tried": lambda work: work.inbox.claim_statuses(512, tried=True),
    "overdue": lambda work: work.inbox.overdue(timedelta(seconds=2), 256),
    "lag": lambda work: work.inbox.lag_seconds(),
}


def test_a_look_at_the_lane_reads_what_is_due(lane: Vault) -> None:
    assert {name: blocks(lane, call) for name, call in CALLS.items()} == {
        name: pytest.approx(0, abs=BLOCKS) for name in CALLS
    }
