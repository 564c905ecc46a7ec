"""Code in a parser is in an empty box: it reaches nothing, outlives nothing, and clears no file.

Each attempt is made where the parser works, as the user that the services run as, three times: as
it is, as on a kernel without Landlock, and, for control, as it was when only limits were imposed.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from medvault.adapters.clamav.scanner import ClamdScanner
from medvault.adapters.sandbox import child
from medvault.adapters.sandbox.examiner import SandboxExaminer
from medvault.adapters.sandbox.limits import Limits
from medvault.domain.media import FileKind, Verdict
from support import pdfs
from support.attacks import Attacks
from support.escapes import evil
from support.escapes.target import CLOSED, ENVIRONMENT, OPEN, running
from support.servers.clamd import EICAR, Clamd

MOST = 0.7
"""The control succeeds with more than this share of all attempts.

Some attempts need a right that nobody gives a service, or a kernel that is built for them.
"""


def attempted(box: str, state: str) -> tuple[list[str], list[str]]:
    """The names of all attempts, and of those that succeeded."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), state) as target:
        done = subprocess.run(
            [sys.executable, "-m", "support.escapes.forked", box, json.dumps(asdict(target))],
            env=ENVIRONMENT,
            capture_output=True,
            check=True,
            timeout=60,
        )
    tried, succeeded = json.loads(done.stdout)
    return tried, succeeded


@pytest.fixture(scope="module")
def control() -> tuple[list[str], list[str]]:
    return attempted(evil.LIMITS_ONLY, OPEN)


@pytest.mark.parametrize("box", [evil.BOXED, evil.WITHOUT_LANDLOCK])
def test_nothing_gets_out_of_the_box(
    box: str, control: tuple[list[str], list[str]], attacks: Attacks
) -> None:
    tried, succeeded = attempted(box, CLOSED)
    assert succeeded == []
    assert len(control[1]) >= 40
    assert len(control[1]) > MOST * len(tried)
    name = "escapes" if box == evil.BOXED else f"escapes_{box}"
    attacks.tried(name, len(tried), len(succeeded), control=(len(control[0]), len(control[1])))


def left_behind() -> list[int]:
    """Processes that carry the mark of the hostile code, by their ids."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if evil.MARK.encode() in (process / "cmdline").read_bytes():
                found.append(int(process.name))
    return found


def hostile(monkeypatch: pytest.MonkeyPatch, box: str, payload: str) -> None:
    """Has an examiner start children whose parser is hostile code."""
    program = ("-I", str(Path(evil.__file__)), box, payload, evil.MARK)
    monkeypatch.setattr(child, "PROGRAM", program)


def test_whoever_does_not_hear_that_its_time_is_up_was_not_killed_by_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hostile(monkeypatch, evil.BOXED, "burn")
    burner = SandboxExaminer(None, Limits(cpu=1))
    assert burner.examine([pdfs.scanned()], FileKind.PDF) is Verdict.TOO_SLOW


@pytest.fixture
def cleared() -> Iterator[None]:
    """Ends what the control leaves behind."""
    yield
    for process in left_behind():
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


@pytest.mark.usefixtures("cleared")
def test_nothing_of_the_box_outlives_it(monkeypatch: pytest.MonkeyPatch, attacks: Attacks) -> None:
    hostile(monkeypatch, evil.BOXED, "multiply")
    assert SandboxExaminer(None).examine([pdfs.scanned()], FileKind.PDF) is Verdict.UNSCANNABLE
    survivors = len(left_behind())
    hostile(monkeypatch, evil.LIMITS_ONLY, "multiply")
    SandboxExaminer(None).examine([pdfs.scanned()], FileKind.PDF)
    without = len(left_behind())
    assert (survivors, without) == (0, evil.MANY)
    attacks.tried("survivors", evil.MANY, survivors, control=(evil.MANY, without))


CLAIMS = list(evil.ANSWERS)


def test_a_parser_that_calls_a_virus_clean_is_not_believed(
    clamd: Clamd, monkeypatch: pytest.MonkeyPatch, attacks: Attacks
) -> None:
    """The control believes what is said as it was once, when the parser itself asked clamd."""
    examiner = SandboxExaminer(ClamdScanner(f"tcp://{clamd.address}", 5.0, 60.0))
    infected = pdfs.with_content(EICAR, **pdfs.AS_IT_IS)
    verdicts = {}
    for claim in CLAIMS:
        hostile(monkeypatch, evil.BOXED, claim)
        verdicts[claim] = examiner.examine([infected], FileKind.PDF)
    believed = [claim for claim, verdict in verdicts.items() if verdict.accepted]
    assert believed == []
    assert verdicts["sound"] is Verdict.INFECTED
    assert set(verdicts.values()) == {Verdict.INFECTED, Verdict.UNSCANNABLE}
    once = [claim for claim in CLAIMS if once_believed(evil.ANSWERS[claim])]
    assert once == ["clean as it was said before"]
    attacks.tried("claims", len(CLAIMS), len(believed), control=(len(CLAIMS), len(once)))


def once_believed(answer: bytes) -> bool:
    """Whether the verdict was taken from the parser's own line, as it was before."""
    try:
        return Verdict(json.loads(answer)["verdict"]).accepted
    except (ValueError, TypeError, KeyError, RecursionError):
        return False
