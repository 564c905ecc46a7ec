"""Many share the lock, or one has it."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from medvault.application.shared_lock import SharedLock

PATIENCE = 5.0


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


class Holder:
    """A thread that takes the lock, and lets it go when it is told to."""

    def __init__(self, threads: ThreadPoolExecutor, lock: SharedLock, *, alone: bool) -> None:
        self.has, self._enough = threading.Event(), threading.Event()
        self._ended: Future[None] = threads.submit(self._hold, lock, alone)

    def _hold(self, lock: SharedLock, alone: bool) -> None:
        with lock.alone() if alone else lock.shared():
            self.has.set()
            assert self._enough.wait(PATIENCE)

    def lets_go(self) -> None:
        self._enough.set()
        self._ended.result(PATIENCE)


def test_many_share_it(threads: ThreadPoolExecutor) -> None:
    lock = SharedLock()
    holders = [Holder(threads, lock, alone=False) for _ in range(3)]
    assert all(holder.has.wait(PATIENCE) for holder in holders)
    for holder in holders:
        holder.lets_go()


def test_who_wants_it_alone_waits_for_those_inside_and_goes_before_those_who_come_later(
    threads: ThreadPoolExecutor,
) -> None:
    lock = SharedLock()
    inside = Holder(threads, lock, alone=False)
    assert inside.has.wait(PATIENCE)
    alone = Holder(threads, lock, alone=True)
    assert not alone.has.wait(0.05)
    later = Holder(threads, lock, alone=False)
    assert not later.has.wait(0.05)
    inside.lets_go()
    assert alone.has.wait(PATIENCE)
    assert not later.has.wait(0.05)
    alone.lets_go()
    assert later.has.wait(PATIENCE)
    later.lets_go()


@pytest.mark.parametrize("alone", [True, False])
def test_it_is_free_after_an_error(alone: bool) -> None:
    lock = SharedLock()
    with pytest.raises(RuntimeError), lock.alone() if alone else lock.shared():
        raise RuntimeError
    with lock.alone():
        pass
