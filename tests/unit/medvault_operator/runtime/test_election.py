"""The leader's election: replicas with clocks of their own around one Lease in an API in memory."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from medvault_operator.kube.errors import Away
from medvault_operator.kube.kinds import LEASE
from medvault_operator.runtime.election import Candidate
from medvault_operator.runtime.lease import Lease
from medvault_operator.world.manifest import Manifest
from support.kubernetes.memory import MemoryApi

PLACE = "medvault-system", "medvault-operator"
KEY = "Lease", *PLACE


@dataclass
class Clock:
    """A monotonic clock and a wall clock beside it, which may be wrong by `skew`."""

    skew: timedelta = timedelta()
    seconds: float = 0.0
    began: datetime = field(default=datetime(2026, 1, 1, tzinfo=UTC))

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return self.began + timedelta(seconds=self.seconds) + self.skew


def candidate(api: MemoryApi, name: str, clock: Clock) -> Candidate:
    return Candidate(api, Lease(*PLACE), name, clock.monotonic, clock.now)


def spec(api: MemoryApi) -> Manifest:
    found: Manifest = api.objects[KEY]["spec"]
    return found


def pair(skew: timedelta = timedelta()) -> tuple[MemoryApi, Clock, Candidate, Candidate]:
    api, clock = MemoryApi(), Clock()
    other = Clock(skew)
    other.monotonic = clock.monotonic  # type: ignore[method-assign]
    return api, clock, candidate(api, "one", clock), candidate(api, "two", other)


def test_the_first_to_come_leads_and_the_second_stands_by() -> None:
    api, _, one, two = pair()
    assert one.tick()
    assert not two.tick()
    assert spec(api)["holderIdentity"] == "one"
    assert spec(api)["leaseTransitions"] == 0


def test_a_leader_that_renews_stays_leader_for_ever() -> None:
    api, clock, one, two = pair()
    led = []
    for _ in range(200):
        led.append((one.tick(), two.tick()))
        clock.seconds += 2
    assert set(led) == {(True, False)}
    assert spec(api)["leaseTransitions"] == 0


def test_a_dead_leader_is_followed_within_seventeen_seconds() -> None:
    api, clock, one, two = pair()
    one.tick()
    two.tick()
    died = clock.seconds
    while not two.tick():
        clock.seconds += 2
    assert 15 < clock.seconds - died <= 17
    assert spec(api)["holderIdentity"] == "two"
    assert spec(api)["leaseTransitions"] == 1


def test_clocks_that_are_an_hour_apart_make_no_second_leader() -> None:
    for skew in (timedelta(hours=1), timedelta(hours=-1)):
        _, clock, one, two = pair(skew)
        for _ in range(30):
            assert one.tick()
            assert not two.tick()
            clock.seconds += 2


def test_a_leader_without_answer_stops_leading_before_another_begins() -> None:
    api, clock, one, two = pair()
    one.tick()
    two.tick()
    last_led = 0.0
    while not two.tick():
        api.away = Away("ConnectTimeoutError")
        if one.tick():
            last_led = clock.seconds
        api.away = None
        clock.seconds += 0.5
    assert last_led < 10
    assert clock.seconds > 15


def test_a_frozen_leader_knows_as_it_wakes_that_it_leads_no_more() -> None:
    _, clock, one, _ = pair()
    assert one.tick()
    clock.seconds += 10
    assert not one.leading()


def test_a_leader_whose_lease_was_taken_yields_at_its_next_look() -> None:
    _, clock, one, two = pair()
    one.tick()
    two.tick()
    clock.seconds += 16
    assert two.tick()
    assert not one.tick()
    assert two.tick()


def test_a_released_lease_is_taken_at_the_next_look() -> None:
    api, clock, one, two = pair()
    one.tick()
    two.tick()
    clock.seconds += 1
    one.release()
    assert not one.leading()
    assert spec(api)["holderIdentity"] == ""
    assert two.tick()


def test_who_does_not_lead_releases_nothing() -> None:
    api, _, one, two = pair()
    one.tick()
    two.tick()
    two.release()
    assert spec(api)["holderIdentity"] == "one"


def test_what_another_one_holds_by_now_is_not_released() -> None:
    api, clock, one, two = pair()
    one.tick()
    two.tick()
    clock.seconds += 16
    two.tick()
    one.release()
    assert spec(api)["holderIdentity"] == "two"


class Racing(MemoryApi):
    """Lets another replica act between a candidate's read and its write."""

    rival: Candidate | None = None

    def get(self, *place: object) -> Manifest | None:
        found = super().get(*place)  # type: ignore[arg-type]
        rival, self.rival = self.rival, None
        if rival is not None:
            rival.tick()
        return found


def test_of_two_that_reach_for_one_lease_at_once_the_api_server_lets_one_through() -> None:
    for free in ("absent", "released"):
        api, clock = Racing(), Clock()
        one, two = candidate(api, "one", clock), candidate(api, "two", clock)
        if free == "released":
            one.tick()
            one.release()
        api.rival = two
        assert not one.tick()
        assert two.leading()
        assert spec(api)["holderIdentity"] == "two"


def test_silence_of_the_api_server_is_measured() -> None:
    api, clock, one, _ = pair()
    assert one.silent_for() == float("inf")
    one.tick()
    clock.seconds += 7
    assert one.silent_for() == 7
    api.away = Away("NewConnectionError")
    one.tick()
    assert one.silent_for() == 7


def test_times_are_written_as_kubernetes_reads_them() -> None:
    api, _, one, _ = pair()
    one.tick()
    assert spec(api)["renewTime"] == "2026-01-01T00:00:00.000000Z"
    assert api.objects[KEY]["apiVersion"] == LEASE.api_version
