"""A file can harm nobody but the child that looks into it."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import pytest

from medvault.adapters.sandbox import child
from medvault.adapters.sandbox.examiner import SandboxExaminer
from medvault.adapters.sandbox.limits import Limits
from medvault.domain.errors import OutOfTime, Transient, Unavailable
from medvault.domain.media import MAX_BYTES, FileKind, Verdict
from support import hostile, pdfs, pictures
from support.files import MEBIBYTE, PDF, PNG
from support.servers.waiting import wait_until

BOXED = "Seccomp:\t2"


class Examination(threading.Thread):
    """A file under examination in the background, whose child stands still as soon as it is boxed.

    The file keeps it busy for long enough to be caught.
    """

    def __init__(self, examiner: SandboxExaminer) -> None:
        super().__init__()
        self._examiner = examiner
        self.outcome: Verdict | Exception | None = None

    def run(self) -> None:
        try:
            self.outcome = self._examiner.examine([pdfs.many_objects(100_000)], PDF)
        except Exception as error:  # noqa: BLE001
            self.outcome = error

    def child(self) -> int:
        """The process id of the child that stands still."""
        wait_until(lambda: boxed_children() != [], seconds=10, what="boxed child", every=0.005)
        (caught,) = boxed_children()
        os.kill(caught, signal.SIGSTOP)
        return caught


def boxed_children() -> list[int]:
    return [each for each in children() if BOXED in Path(f"/proc/{each}/status").read_text()]


def children() -> list[int]:
    """Examinations under way, and zombies."""
    parent = f"PPid:\t{os.getpid()}\n"
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (process / "cmdline").read_bytes()
            if parent in (process / "status").read_text() and (
                not command or b"medvault.examine" in command
            ):
                found.append(int(process.name))
    return found


@pytest.mark.parametrize(
    ("limits", "kind", "build", "verdict"),
    [
        pytest.param(Limits(cpu=1), PDF, lambda: hostile.burner(7), Verdict.TOO_SLOW, id="time"),
        pytest.param(
            Limits(memory=100 * MEBIBYTE),
            PNG,
            lambda: pictures.blank_png(10_000, 9_900),
            Verdict.UNSCANNABLE,
            id="memory",
        ),
    ],
)
def test_a_file_that_exhausts_its_child_is_refused_and_the_next_is_fine(
    limits: Limits, kind: FileKind, build: Callable[[], bytes], verdict: Verdict
) -> None:
    assert SandboxExaminer(None, limits).examine([build()], kind) is verdict
    assert SandboxExaminer(None).examine([pdfs.scanned()], PDF) is Verdict.NOT_SCANNED
    assert children() == []


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGXCPU])
def test_a_crash_is_the_files_doing(number: signal.Signals) -> None:
    examination = Examination(SandboxExaminer(None))
    examination.start()
    caught = examination.child()
    os.kill(caught, number)
    os.kill(caught, signal.SIGCONT)
    examination.join()
    out_of_time = number is signal.SIGXCPU
    assert examination.outcome is (Verdict.TOO_SLOW if out_of_time else Verdict.UNSCANNABLE)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_kill_from_outside_is_nobodys_fault(number: signal.Signals) -> None:
    examination = Examination(SandboxExaminer(None))
    examination.start()
    caught = examination.child()
    os.kill(caught, number)
    os.kill(caught, signal.SIGCONT)
    examination.join()
    assert isinstance(examination.outcome, Transient)
    assert not isinstance(examination.outcome, OutOfTime)
    assert children() == []


def test_a_child_that_the_machine_does_not_let_work_convicts_no_file() -> None:
    examination = Examination(SandboxExaminer(None, Limits(wall=1.0)))
    examination.start()
    examination.child()
    examination.join()
    assert isinstance(examination.outcome, OutOfTime)
    assert children() == []


def test_a_child_has_no_privilege_to_gain_and_leaves_no_core_file() -> None:
    examination = Examination(SandboxExaminer(None))
    examination.start()
    process = Path("/proc") / str(examination.child())
    status = (process / "status").read_text()
    limits = (process / "limits").read_text()
    os.kill(int(process.name), signal.SIGKILL)
    examination.join()
    assert "NoNewPrivs:\t1" in status
    assert f"Max address space         {Limits().memory}" in limits
    assert "Max core file size        0" in limits


TELLING = """
import os, sys
with open(sys.argv[1], "w") as told:
    print(*os.environ, file=told)
    for number in os.listdir("/proc/self/fd"):
        if int(number) != told.fileno() and os.path.exists("/proc/self/fd/" + number):
            print(os.readlink("/proc/self/fd/" + number).partition(":")[0], file=told)
"""


def test_a_child_is_given_no_secret_and_no_file_on_disk(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    monkeypatch.setenv("MEDVAULT_DATABASE_URL", "postgresql://user:secret@host/")
    monkeypatch.setattr(child, "PROGRAM", ("-I", "-c", TELLING, str(told)))
    with pytest.raises(Unavailable):
        SandboxExaminer(None).examine([pdfs.scanned()], PDF)
    names, *descriptors = told.read_text().splitlines()
    assert set(names.split()) <= {"PATH", "LANG", "LC_CTYPE", "MALLOC_ARENA_MAX"}
    assert set(descriptors) <= {"socket", "/dev/null", "/memfd"}


@pytest.mark.long("a file of the largest size is looked into")
def test_a_file_of_a_hundred_megabytes_does_not_pass_through_the_parents_memory() -> None:
    block = pdfs.noise(MEBIBYTE)

    def file() -> Iterator[bytes]:
        yield b"%PDF-1.7\n".ljust(MEBIBYTE)
        for _ in range(MAX_BYTES // MEBIBYTE - 1):
            yield bytes(block)

    SandboxExaminer(None).examine([pdfs.scanned()], PDF)
    with Peak() as peak:
        assert SandboxExaminer(None).examine(file(), PDF) is Verdict.DAMAGED
    assert peak.growth < 40 * MEBIBYTE


class Peak:
    """How far this process's resident memory rose, in bytes."""

    growth = 0

    def __enter__(self) -> Self:
        Path("/proc/self/clear_refs").write_text("5")
        self._start = memory("VmRSS")
        return self

    def __exit__(self, *_: object) -> None:
        self.growth = memory("VmHWM") - self._start


def memory(field: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    raise LookupError(field)


def test_what_the_source_raises_comes_through_and_the_child_is_gone() -> None:
    def broken() -> Iterator[bytes]:
        yield b"%PDF-1.7\n"
        raise LookupError("the store went away")

    with pytest.raises(LookupError, match="the store went away"):
        SandboxExaminer(None).examine(broken(), PDF)
    assert children() == []


def test_a_slow_source_is_not_the_files_fault() -> None:
    content = pdfs.scanned()

    def slow() -> Iterator[bytes]:
        yield content[:100]
        time.sleep(0.6)  # the time is what is tested
        yield content[100:]

    assert SandboxExaminer(None, Limits(wall=0.5)).examine(slow(), PDF) is Verdict.NOT_SCANNED


def test_a_child_that_cannot_start_is_not_the_files_fault() -> None:
    starved = SandboxExaminer(None, Limits(memory=24 * MEBIBYTE))
    with pytest.raises(Unavailable) as caught:
        starved.examine([pdfs.scanned()], FileKind.PDF)
    assert caught.value.dependency == "sandbox"


UNBOXABLE = """
from medvault import examine
from medvault.adapters.sandbox import seccomp
def refused():
    raise OSError("no seccomp here")
seccomp.restrict = refused
examine.main()
"""


def test_a_child_that_cannot_be_shut_in_reads_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "PROGRAM", ("-I", "-c", UNBOXABLE))
    with pytest.raises(Unavailable) as caught:
        SandboxExaminer(None).examine([pdfs.scanned()], PDF)
    assert caught.value.dependency == "sandbox"


def test_a_conversion_left_half_way_leaves_no_child() -> None:
    with SandboxExaminer(None).give_back([pictures.heic()], FileKind.HEIC) as pdf:
        next(pdf.chunks)
    assert children() == []
