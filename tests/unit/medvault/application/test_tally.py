"""A tally counts the messages that patients wrote, a few at a time, and for a while."""

from uuid import UUID

from medvault.application import tally
from medvault.application.tally import KEPT, MOST, Tally
from medvault.domain.identifiers import PersonId
from medvault.domain.quotas import TOLD

ANNA, BEN = PersonId(UUID(int=1)), PersonId(UUID(int=2))


def test_a_state_is_told_of_so_many_messages_at_once_and_of_their_replies() -> None:
    counts = Tally()
    told = [counts.add(ANNA, replies) for replies in range(2 * TOLD)]
    assert [count for count in told if count] == [
        (TOLD, sum(range(TOLD))),
        (TOLD, sum(range(TOLD, 2 * TOLD))),
    ]


def test_each_patient_is_counted_apart() -> None:
    counts = Tally()
    assert not any(counts.add(who, 1) for _ in range(TOLD - 1) for who in (ANNA, BEN))
    assert counts.add(ANNA, 1) == counts.add(BEN, 1) == (TOLD, TOLD)


def test_whoever_writes_now_and_then_is_never_counted_together() -> None:
    now = 0.0
    counts = Tally(lambda: now)
    for _ in range(100):
        assert counts.add(ANNA, 1) is None
        now += KEPT / (TOLD - 2)


def test_a_crowd_does_not_fill_the_memory() -> None:
    counts = Tally()
    for number in range(2 * MOST + 10):
        counts.add(PersonId(UUID(int=number)), 1)
    assert len(counts._counts) <= tally.MOST
