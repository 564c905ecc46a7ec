"""One process's messages keep to the rates, however unevenly the network delays them."""

import random
from uuid import uuid4

import pytest

from medvault.adapters.local.rate_limits import LocalRateLimiter
from medvault.application.delivery.allowance import Allowance, Rates
from medvault.domain.identifiers import LaneId, LetterId, PersonId
from medvault.domain.identity import Contact
from medvault.domain.outbound import Outgoing, SendState
from medvault.domain.replies import Reply
from medvault.ports import Bucket
from medvault.ports.outbox import Leased

RATES = Rates(messages_per_second=1000, pair_seconds=6, pair_burst=45)
DELAY = 0.3


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def letter(subject: LaneId) -> Leased:
    outgoing = Outgoing(LetterId(uuid4()), Contact("IN.anna", None), Reply("hello"))
    return Leased(outgoing, PersonId(uuid4()), subject, 1, SendState.QUEUED, 0)


@pytest.mark.parametrize("seed", range(20))
def test_no_pair_is_too_fast_for_meta_where_some_messages_arrive_later_than_others(
    seed: int,
) -> None:
    here, there, delays = Clock(), Clock(), random.Random(seed)
    allowance = Allowance(LocalRateLimiter(here), RATES, here)
    meta, pair = LocalRateLimiter(there), Bucket("pair", 1 / RATES.pair_seconds, RATES.pair_burst)
    subject, sent = LaneId(uuid4()), 0
    while sent < 2 * RATES.pair_burst:
        (wait,) = allowance.waits([letter(subject)]).values()
        if wait > 0:
            here.now += wait
            continue
        there.now = max(there.now, here.now + delays.uniform(0, DELAY))
        assert meta.take([pair]) == [0.0], sent
        sent += 1


def test_a_burst_of_one_still_lets_one_go() -> None:
    clock = Clock()
    allowance = Allowance(LocalRateLimiter(clock), Rates(1000, 6, 1), clock)
    subject = LaneId(uuid4())
    for wait in (0.0, 6.0):
        assert list(allowance.waits([letter(subject)]).values()) == [pytest.approx(wait)]
