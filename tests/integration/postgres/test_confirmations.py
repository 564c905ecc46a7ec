"""Evidence of statuses about messages without one: all processes have it, after every restart."""

from datetime import timedelta
from uuid import uuid4

import pytest

from medvault.application.delivery.confirmations import Confirmations
from medvault.domain.confirmation import FEWEST, SAMPLES, WATCHED
from medvault.domain.outbound import (
    LEASE_ENDS,
    REPEAT_AFTER,
    DeliveryStatus,
    NextStep,
    Reaction,
    Refused,
    SendState,
    decide,
)
from medvault.domain.updates import STATUSES, SealedUpdate, UpdateKind
from medvault.ports.outbox import Leased, Settled
from support.vaults import Vault

SECOND = timedelta(seconds=1)
NO_PAUSE = [timedelta()]
IN_DOUBT = decide(Refused(Reaction.UNKNOWN), 1)


def sent(vault: Vault, count: int = 1, step: NextStep | None = None) -> list[Leased]:
    """Messages of one recipient each that were sent, and so recorded."""
    vault.post(*(vault.letter(vault.patient()) for _ in range(count)))
    with vault.database.begin() as work:
        found = list(work.outbox.lease(count))
    with vault.database.begin() as work:
        steps = [Settled(one, step or NextStep(SendState.ACCEPTED)) for one in found]
        work.outbox.settle(steps)
    return found


def told(vault: Vault, *letters: Leased, state: SendState = SendState.SENT) -> None:
    """Applies a status of each."""
    with vault.worker().begin() as work:
        work.outbox.climb([DeliveryStatus("w", state, one.outgoing.reference) for one in letters])


def delays(vault: Vault) -> list[tuple[int, int]]:
    """How many were told of, and the seconds that the slowest took."""
    with vault.worker().begin() as work:
        return [(one.count, round(one.longest / SECOND)) for one in work.outbox.told()]


def unheard(vault: Vault, usual: timedelta = SECOND) -> int:
    """How many messages no status told of in time."""
    with vault.worker().begin() as work:
        return work.outbox.unheard(usual).count


def hastened(vault: Vault, ago: timedelta = timedelta(), pause: timedelta = timedelta()) -> int:
    """Hastens what was sent before then; returns how many may be leased."""
    with vault.worker().begin() as work:
        work.outbox.hasten(work.outbox.unheard(SECOND).heard_until - ago, [pause])
    with vault.worker().begin() as work:
        return len(work.outbox.lease(100))


def test_the_first_status_of_a_message_is_a_sample_and_no_later_one(vault: Vault) -> None:
    slow, fast = sent(vault, 2)
    vault.later("outbox", 7, f"id = '{slow.outgoing.reference}'")
    told(vault, slow, fast)
    told(vault, slow, fast, state=SendState.READ)
    assert sum(count for count, _ in delays(vault)) == 2
    assert max(longest for _, longest in delays(vault)) == 7


def test_a_message_in_doubt_is_a_sample_and_one_that_was_repeated_is_none(vault: Vault) -> None:
    doubted, repeated = sent(vault, 2, IN_DOUBT)
    told(vault, doubted)
    assert [count for count, _ in delays(vault)] == [1]
    vault.later("outbox", 121)
    with vault.database.begin() as work:
        assert len(work.outbox.lease(10)) == 1
    told(vault, repeated)
    assert [count for count, _ in delays(vault)] == [1]


def test_samples_of_more_than_an_hour_ago_are_forgotten(vault: Vault) -> None:
    told(vault, *sent(vault))
    vault.sql("UPDATE status_delays SET told_at = told_at - interval '61 minutes'")
    assert delays(vault) == []
    told(vault, *sent(vault))
    assert vault.one("SELECT count(*) FROM status_delays") == 1


def test_what_was_taken_and_not_told_of_is_counted_for_a_while(vault: Vault) -> None:
    sent(vault, 3)
    told(vault, *sent(vault))
    assert unheard(vault) == 0
    vault.later("outbox", 2)
    assert unheard(vault) == 3
    assert unheard(vault, 60 * SECOND) == 0
    vault.later("outbox", WATCHED / SECOND)
    assert unheard(vault) == 0


def test_a_status_that_is_not_applied_yet_holds_back_what_was_sent_since(vault: Vault) -> None:
    sent(vault, step=IN_DOUBT)
    vault.later("outbox", 10)
    vault.receive(SealedUpdate(uuid4(), STATUSES, UpdateKind.STATUS, b""))
    vault.later("inbox", 20)
    assert hastened(vault, SECOND) == 0
    vault.sql("UPDATE inbox SET done_at = now(), outcome = 'applied'")
    assert hastened(vault, SECOND) == 1


def test_only_what_was_sent_before_is_hastened(vault: Vault) -> None:
    sent(vault, step=IN_DOUBT)
    vault.later("outbox", 10)
    assert hastened(vault, 11 * SECOND) == 0
    assert hastened(vault, 9 * SECOND, 11 * SECOND) == 0
    assert hastened(vault, 9 * SECOND, 9 * SECOND) == 1


def test_whoever_may_still_be_sending_it_has_time_to_say_so(vault: Vault) -> None:
    vault.post(vault.letter(vault.patient()))
    with vault.database.begin() as work:
        [lost] = work.outbox.lease(1)
    vault.later("outbox", LEASE_ENDS / SECOND - 1)
    assert hastened(vault) == 0
    vault.later("outbox", 2)
    assert hastened(vault) == 1
    assert vault.one("SELECT repeats FROM outbox") == lost.repeats + 1


def passes(vault: Vault, seconds: float) -> float:
    """Lets time pass for messages and for what is known of their statuses; returns the seconds."""
    vault.later("outbox", seconds)
    vault.sql(f"UPDATE status_delays SET told_at = told_at - interval '{seconds} seconds'")
    return seconds


def evidence(vault: Vault, known: int) -> None:
    """Some minutes ago that many statuses came after two seconds."""
    letters = sent(vault, known)
    passes(vault, 2)
    told(vault, *letters)
    passes(vault, 300)


def repeated(vault: Vault) -> list[Leased]:
    """The messages that a worker sends again now, after a look at what statuses tell."""
    confirmations = Confirmations(REPEAT_AFTER)
    with vault.worker().begin() as work:
        confirmations.look(work.outbox)
    with vault.worker().begin() as work:
        return list(work.outbox.lease(10, confirmations.waits))


@pytest.mark.parametrize(("known", "longest"), [(SAMPLES, 16), (50, 20), (FEWEST, 45)])
def test_in_a_quiet_vault_what_never_arrived_is_repeated_after_seconds(
    vault: Vault, known: int, longest: int
) -> None:
    evidence(vault, known)
    lost, arrived = sent(vault, 2, IN_DOUBT)
    waited, found = 0.0, list[Leased]()
    while not found:
        waited += passes(vault, 2.3)
        later = sent(vault)
        waited += passes(vault, 1.6)
        told(vault, *later, *([arrived] if waited < 4 else []))
        found = repeated(vault)
    assert [one.outgoing.reference for one in found] == [lost.outgoing.reference]
    assert waited <= longest


def test_where_nothing_is_sent_later_a_message_in_doubt_waits_for_two_minutes(
    vault: Vault,
) -> None:
    evidence(vault, SAMPLES)
    sent(vault, step=IN_DOUBT)
    passes(vault, REPEAT_AFTER / SECOND - 1)
    assert repeated(vault) == []
    passes(vault, 1)
    assert len(repeated(vault)) == 1


def test_where_statuses_come_no_longer_nothing_is_repeated_before_two_minutes(
    vault: Vault,
) -> None:
    evidence(vault, SAMPLES)
    sent(vault, step=IN_DOUBT)
    for _ in range(10):
        passes(vault, 10)
        sent(vault)
        assert repeated(vault) == []
