"""What a file costs is known, however its examination ends."""

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
    verdict, all_of_it = cost(hostile.burner(8), lean)
    assert verdict is Verdict.UNSCANNABLE
    assert 0.9 < all_of_it < 2.5


def test_what_is_beyond_a_patients_turn_leaves_the_cpu_to_others() -> None:
    def niceness(*, extra: bool) -> int:
        with (
            spending.yielding(extra),
            spool.fill([]) as file,
            Child([], file, 1.0) as child,
        ):
            return os.getpriority(os.PRIO_PROCESS, child._process.pid)

    assert niceness(extra=True) - niceness(extra=False) >= 10
