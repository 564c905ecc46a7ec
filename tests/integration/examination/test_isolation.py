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

from medvault.adapters.sandbox.examiner import SandboxExaminer
from medvault.adapters.sandbox.limits import Limits
from medvault.domain.errors import Transient, Unavailable
from medvault.domain.media import MAX_BYTES, FileKind, Verdict
from support import pdfs, pictures
from support.files import MEBIBYTE, PDF, PNG
from support.scripted import Script, serving
from support.servers.waiting import wait_until


@pytest.fixture
def stalled() -> Iterator[Script]:
    """A scanner that takes files and says nothing, so that a child can be looked at."""
    with serving(Script(b"", hang=True)) as script:
        yield script


class Examination(threading.Thread):
    """A file under examination in the background."""

    def __init__(self, examiner: SandboxExaminer, content: bytes) -> None:
        super().__init__()
        self._examiner, self._content = examiner, content
        self.outcome: Verdict | Exception | None = None

    def run(self) -> None:
        try:
            self.outcome = self._examiner.examine([self._content], PDF)
        except Exception as error:  # noqa: BLE001
            self.outcome = error

    def child(self, script: Script) -> int:
        """The child's process id, once it has sent the file to the scanner."""
        wait_until(lambda: script.heard.endswith(bytes(4)), seconds=10, what="scan")
        (child,) = children()
        return child


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
    ("limits", "kind", "build"),
    [
        pytest.param(Limits(cpu=1), PDF, lambda: pdfs.many_objects(490_000), id="time"),
        pytest.param(
            Limits(memory=100 * MEBIBYTE),
            PNG,
            lambda: pictures.blank_png(10_000, 9_900),
            id="memory",
        ),
        pytest.param(Limits(wall=0.05), PDF, lambda: pdfs.many_objects(100_000), id="patience"),
    ],
)
def test_a_file_that_exhausts_its_child_is_unscannable_and_the_next_is_fine(
    limits: Limits, kind: FileKind, build: Callable[[], bytes]
) -> None:
    assert SandboxExaminer(None, limits).examine([build()], kind) is Verdict.UNSCANNABLE
    assert SandboxExaminer(None).examine([pdfs.scanned()], PDF) is Verdict.NOT_SCANNED
    assert children() == []


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGXCPU])
def test_a_crash_is_the_files_doing(stalled: Script, number: signal.Signals) -> None:
    examination = Examination(SandboxExaminer(stalled.address), pdfs.scanned())
    examination.start()
    os.kill(examination.child(stalled), number)
    examination.join()
    assert examination.outcome is Verdict.UNSCANNABLE


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_kill_from_outside_is_nobodys_fault(stalled: Script, number: signal.Signals) -> None:
    examination = Examination(SandboxExaminer(stalled.address), pdfs.scanned())
    examination.start()
    os.kill(examination.child(stalled), number)
    examination.join()
    assert isinstance(examination.outcome, Transient)
    assert children() == []


def test_a_child_holds_no_secret_no_file_on_disk_and_no_privilege_to_gain(
    stalled: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDVAULT_DATABASE_URL", "postgresql://user:secret@host/")
    examination = Examination(SandboxExaminer(stalled.address, scan_seconds=2), pdfs.scanned())
    examination.start()
    process = Path("/proc") / str(examination.child(stalled))
    names = {entry.partition(b"=")[0] for entry in (process / "environ").read_bytes().split(b"\0")}
    status = (process / "status").read_text()
    limits = (process / "limits").read_text()
    descriptors = {str(path.readlink()).partition(":")[0] for path in (process / "fd").iterdir()}
    examination.join()
    assert names <= {b"PATH", b"LANG", b"MALLOC_ARENA_MAX", b""}
    assert descriptors == {"socket", "/dev/null", "/memfd"}
    assert "NoNewPrivs:\t1" in status
    assert f"Max address space         {Limits().memory}" in limits
    assert "Max core file size        0" in limits
    assert isinstance(examination.outcome, Unavailable)


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


def test_a_conversion_left_half_way_leaves_no_child() -> None:
    with SandboxExaminer(None).to_pdf([pictures.jpeg()], FileKind.JPEG) as pdf:
        next(pdf.chunks)
    assert children() == []
