"""The cost of a file is known, however its examination ends."""

import dataclasses
import os

from medvault.adapters.sandbox import spool
from medvault.adapters.sandbox.child import Child
from medvault.adapters.sandbox.examiner import SandboxExaminer
from medvault.adapters.sandbox.limits import Limits
from medvault.domain.media import Verdict
from medvault.observability import spending
from support import hostile, pdfs
from support.files import PDF


def cost(content: bytes, limits: Limits) -> tuple[Verdict, float]:
    """A verdict, and the CPU seconds that it took."""
    spending.taken()
    verdict = SandboxExaminer(None, limits).examine([content], PDF)
    return verdict, spending.taken()


def test_a_file_that_burns_time_costs_all_of_its_limit_and_a_small_one_little() -> None:
    verdict, little = cost(pdfs.written(pdfs.report(1)), Limits())
    assert verdict is Verdict.NOT_SCANNED
    assert 0 < little < 5
    lean = dataclasses.replace(Limits(), cpu=1)
    verdict, all_of_it = cost(hostile.burner(7), lean)
    assert verdict is Verdict.TOO_SLOW
    assert 0.5 < all_of_it < 2.5, "on a busy machine the limit is counted by ticks of the clock"


def test_what_is_beyond_a_patients_turn_leaves_the_cpu_to_others() -> None:
    def niceness(*, extra: bool) -> int:
        with (
            spending.yielding(extra),
            spool.fill([]) as file,
            Child([], file, 1.0) as child,
        ):
            return os.getpriority(os.PRIO_PROCESS, child._process.pid)

    assert niceness(extra=True) - niceness(extra=False) >= 10


def test_niceness_counts_against_the_own_process_and_all_its_children() -> None:
    with spool.fill([]) as file, Child([], file, 1.0) as child:
        assert os.getsid(child._process.pid) == os.getsid(0), "sessions get equal shares"
        assert os.getpgid(child._process.pid) == child._process.pid, "a group is ended as one"


def test_a_file_that_takes_long_leaves_the_cpu_to_those_that_begin() -> None:
    def looked_at(content: bytes) -> int:
        with (
            spool.fill([content]) as file,
            Child(["check", PDF, *Limits().arguments()], file, 20.0) as child,
        ):
            child.answer(60.0)
            return os.getpriority(os.PRIO_PROCESS, child._process.pid)

    niceness = [looked_at(content) for content in (pdfs.written(pdfs.report(1)), hostile.burner(8))]
    assert niceness[1] - niceness[0] >= 5
