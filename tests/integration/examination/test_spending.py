"""What a file costs is known, however its examination ends."""

import dataclasses

from medvault.adapters.sandbox.examiner import SandboxExaminer
from medvault.adapters.sandbox.limits import Limits
from medvault.domain.media import Verdict
from medvault.observability import spending
from support import pdfs
from support.files import MEBIBYTE, PDF


def cost(content: bytes, limits: Limits) -> tuple[Verdict, float]:
    """A verdict, and the CPU seconds that it took."""
    spending.taken()
    verdict = SandboxExaminer(None, limits).examine([content], PDF)
    return verdict, spending.taken()


def test_a_file_that_burns_time_costs_more_than_a_small_one_and_all_of_its_limit() -> None:
    small, burner = pdfs.report(1), pdfs.with_filters(pdfs.deflated(200 * MEBIBYTE), "/FlateDecode")
    verdict, little = cost(pdfs.written(small), Limits())
    assert verdict is Verdict.NOT_SCANNED
    assert 0 < little < 5
    verdict, much = cost(burner, Limits())
    assert much > little
    lean = dataclasses.replace(Limits(), cpu=1)
    many = pdfs.many_objects(400_000)
    verdict, all_of_it = cost(many, lean)
    assert verdict is Verdict.UNSCANNABLE
    assert 0.9 < all_of_it < 2.5
