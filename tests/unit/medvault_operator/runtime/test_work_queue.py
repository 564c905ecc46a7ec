"""The queue between threads that see changes and threads that reconcile."""

from concurrent.futures import ThreadPoolExecutor
from threading import Thread

from medvault_operator.runtime.schedule import Schedule
from medvault_operator.runtime.work_queue import WorkQueue
from medvault_operator.vault.name import VaultName

CLINIC = VaultName("clinics", "clinic")
PRACTICE = VaultName("clinics", "practice")


def test_who_waits_is_woken_by_what_is_asked_for() -> None:
    queue = WorkQueue()
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(queue.take)
        queue.ask(CLINIC, after=0)
        assert waiting.result(timeout=10) == CLINIC


def test_what_is_asked_for_later_comes_by_itself() -> None:
    queue = WorkQueue()
    queue.ask(CLINIC, after=0.05)
    assert queue.depth() == 0
    assert queue.take() == CLINIC


def test_a_vault_is_with_one_thread_at_a_time_and_none_is_lost() -> None:
    queue = WorkQueue(Schedule(spacing=0))
    holding: set[VaultName] = set()
    looks: list[VaultName] = []

    def work() -> None:
        while (vault := queue.take()) is not None:
            assert vault not in holding
            holding.add(vault)
            looks.append(vault)
            holding.discard(vault)
            queue.done(vault, again=0 if len(looks) < 500 else None)
        queue.close()

    queue.ask(CLINIC, after=0)
    queue.ask(PRACTICE, after=0)
    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    while len(looks) < 500:
        threads[0].join(0.01)
    queue.close()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)
    assert set(looks) == {CLINIC, PRACTICE}


def test_a_failure_comes_up_again_after_the_wait_that_is_told() -> None:
    now = [0.0]
    queue = WorkQueue(Schedule(spacing=0), clock=lambda: now[0])
    queue.ask(CLINIC, after=0)
    queue.take()
    assert queue.failed(CLINIC) == 1
    assert queue.depth() == 0
    now[0] = 1
    assert queue.depth() == 1


def test_a_vault_that_hangs_is_seen() -> None:
    now = [0.0]
    queue = WorkQueue(clock=lambda: now[0])
    queue.ask(CLINIC, after=0)
    queue.take()
    now[0] = 130
    assert queue.longest_busy() == 130


def test_a_vault_that_is_gone_does_not_come_up_again() -> None:
    queue = WorkQueue()
    queue.ask(CLINIC, after=0)
    queue.take()
    queue.gone(CLINIC)
    queue.close()
    assert queue.take() is None


def test_a_closed_queue_gives_nothing() -> None:
    queue = WorkQueue()
    queue.ask(CLINIC, after=0)
    queue.close()
    assert queue.take() is None
