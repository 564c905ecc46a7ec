"""The cost of child processes is told to the thread whose work it was."""

import threading

from medvault.observability import spending


def test_what_was_spent_is_taken_once_by_the_thread_that_spent_it() -> None:
    spending.taken()
    spending.spend(0.5)
    spending.spend(1.5)
    others: list[float] = []
    thread = threading.Thread(target=lambda: others.append(spending.taken()))
    thread.start()
    thread.join()
    assert others == [0.0]
    assert (spending.taken(), spending.taken()) == (2.0, 0.0)
