"""Nothing that acts is ever given back, and nobody's sound report is refused for it.

The checks run here as the sandbox's child runs them, in this process; at full size every file goes
through a child of its own, and the largest pictures too.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import pytest

from medvault.adapters.sandbox import (
    pdf_actions,
    pdf_files,
    polyglot,
    spool,
    structure,
)
from medvault.adapters.sandbox.examiner import SandboxExaminer
from medvault.adapters.sandbox.limits import Limits
from medvault.domain.media import ACTING, FileKind, Verdict
from support import files, hostile
from support.attacks import Attacks
from support.corpus import acting, attached, denylist, habits, photos, producers, scans, wrapped
from support.files import MEBIBYTE, Sample
from support.ways_back import of_picture

LIMITS = Limits(decoded=4 * MEBIBYTE)
"""So that what explodes is small. Nobody's report in the corpus needs more."""
BOMBS = [each for each in hostile.exceeding(LIMITS) if "inflate" in each.name]
BAD = [*acting.samples(), *attached.harmful(), *hostile.ACTING, *BOMBS]
GOOD = [
    *(*files.GOOD, *habits.samples(), *attached.inert(), *wrapped.samples()),
    *(*producers.samples(), *photos.samples(), *scans.samples()),
]
SMALL = [
    each for each in GOOD if each.name not in ("pdf of a scan at 600 dpi", "pdf that inflates")
]


def examined(sample: Sample, limits: Limits = LIMITS) -> Verdict | None:
    """The verdict of the child's checks, without the child."""
    with spool.create() as file:
        file.write(sample.build())
        file.flush()
        file.seek(0)
        if sample.kind is FileKind.PDF:
            return structure.objection(file, limits)
        return of_picture(file, sample.kind)


def examined_apart(sample: Sample) -> Verdict | None:
    """The verdict of a child that the sample has to itself."""
    limits = LIMITS if sample in BOMBS else Limits()
    verdict = SandboxExaminer(None, limits).examine([sample.build()], sample.kind)
    return None if verdict.accepted else verdict


def verdicts(
    samples: Iterable[Sample], examine: Callable[[Sample], Verdict | None]
) -> dict[str, Verdict | None]:
    """The verdict on each file, by the file's name."""
    with ThreadPoolExecutor(1 if examine is examined else 2) as threads:
        names = [sample.name for sample in samples]
        return dict(zip(names, threads.map(examine, samples), strict=True))


def unchecked(samples: Iterable[Sample]) -> list[Sample]:
    """Those that are taken where nothing asks what acts, and only the usual limits hold."""
    with pytest.MonkeyPatch.context() as off:
        off.setattr(pdf_actions, "objection", lambda *_: None)
        off.setattr(pdf_actions, "TELLING", frozenset())
        off.setattr(pdf_files, "objection", lambda *_: None)
        off.setattr(polyglot, "hides", lambda _: False)
        return [each for each in samples if examined(each, Limits()) is None]


@pytest.mark.long("at full size every file has a child of its own")
@pytest.mark.timeout(900)
def test_no_class_of_bad_file_is_accepted(full: bool, attacks: Attacks) -> None:
    found = verdicts(BAD, examined_apart if full else examined)
    accepted = [name for name, verdict in found.items() if verdict is None]
    before = [each for each in BAD if denylist.accepts(each.build(), LIMITS.decoded)]
    sound = unchecked(BAD)
    attacks.measured(
        bad_classes=len(found),
        bad_classes_control=len(BAD),
        bad_accepted=len(accepted),
        bad_accepted_control=len(sound),
        bad_accepted_before=len(before),
    )
    assert accepted == []
    assert len(found) >= 80
    assert sound == BAD
    assert len(before) >= 9


def test_what_acts_is_refused_by_its_true_name() -> None:
    named = [sample for sample in BAD if sample.verdict in ACTING]
    found = verdicts(named, examined)
    assert found == {sample.name: sample.verdict for sample in named}
    assert set(found.values()) == ACTING


@pytest.mark.long("at full size every file has a child of its own")
@pytest.mark.timeout(900)
def test_no_sound_report_is_refused(full: bool, attacks: Attacks) -> None:
    samples = [*GOOD, *photos.largest()] if full else SMALL
    found = verdicts(samples, examined_apart if full else examined)
    refused = {name: verdict for name, verdict in found.items() if verdict is not None}
    pdfs = [each for each in samples if each.kind is FileKind.PDF]
    before = [each for each in pdfs if not denylist.accepts(each.build(), Limits().decoded)]
    attacks.measured(
        good_files=len(found),
        good_files_control=len(pdfs),
        good_refused=len(refused),
        good_refused_control=len(before),
    )
    assert refused == {}
    assert len(found) >= 200


def test_no_two_files_of_the_corpus_share_a_name() -> None:
    names = [sample.name for sample in [*BAD, *GOOD, *photos.largest()]]
    assert len(set(names)) == len(names)


def test_a_picture_of_fifty_megapixels_is_kept() -> None:
    phone = next(each for each in photos.largest() if each.name == "heic of 50 megapixels")
    assert examined(phone) is None
