from dataclasses import dataclass, field

from medvault.api.door import Door, Limits


@dataclass(eq=False)
class Visitor:
    """A connection that remembers how it was sent away."""

    door: Door
    since: float | None = 0.0
    held: int = 0
    busy: bool = False
    refused: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.door.enter(self)

    def refuse(self, status: int) -> None:
        self.refused.append(status)
        self.door.release(self.held)
        self.held = 0

    def leave_slowly(self) -> None:
        """Nothing holds it."""

    def send(self, size: int) -> None:
        self.held += size
        self.door.hold(self, size)


def door(connections: int = 3, held: int = 100) -> Door:
    return Door(Limits(connections, 10.0, held))


def refused(visitors: list[Visitor]) -> list[bool]:
    return [bool(one.refused) for one in visitors]


def test_where_there_is_no_room_the_oldest_goes() -> None:
    place = door()
    visitors = [Visitor(place) for _ in range(5)]
    assert refused(visitors) == [True, True, False, False, False]


def test_who_is_being_answered_stays() -> None:
    place = door()
    visitors = [Visitor(place, busy=True), Visitor(place), Visitor(place), Visitor(place)]
    assert refused(visitors) == [False, True, False, False]


def test_where_all_are_being_answered_the_newest_goes() -> None:
    place = door()
    visitors = [Visitor(place, busy=True) for _ in range(4)]
    assert refused(visitors) == [False, False, False, True]


def test_who_sent_a_signed_webhook_goes_last() -> None:
    place = door()
    known = Visitor(place, since=None)
    place.know(known)
    visitors = [known, *(Visitor(place) for _ in range(5))]
    assert refused(visitors) == [False, True, True, True, False, False]


def test_who_left_takes_no_room() -> None:
    place = door()
    first = Visitor(place)
    place.leave(first)
    assert refused([first, *(Visitor(place) for _ in range(3))]) == [False] * 4


def test_a_request_has_ten_seconds_and_who_is_awaited_no_more_has_all_the_time() -> None:
    place = door()
    late, early, idle = Visitor(place, 1.0), Visitor(place, 2.0), Visitor(place, None)
    place.look(11.5)
    assert (late.refused, early.refused, idle.refused) == ([408], [], [])


def test_where_bodies_take_too_much_the_oldest_of_them_goes() -> None:
    place = door()
    idle, old, new = (Visitor(place) for _ in range(3))
    old.send(60)
    new.send(60)
    assert (idle.refused, old.refused, new.refused) == ([], [503], [])
    assert place.held == 60


def test_a_body_goes_itself_where_all_others_are_being_answered() -> None:
    place = door()
    busy, other = Visitor(place), Visitor(place)
    busy.send(90)
    busy.busy = True
    other.send(20)
    assert (busy.refused, other.refused) == ([], [503])
    assert place.held == 90
