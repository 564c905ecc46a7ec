"""A demo in which a report is filed."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from integration.demo.patient import Patient
from support import pdfs
from support.demo import DemoCommand


@dataclass(frozen=True)
class FiledReport:
    """The folder of a demo that ended, the report in it, and the ids of the chat about it."""

    folder: Path
    data: bytes
    wamids: list[str]


@pytest.fixture(scope="session")
def report() -> bytes:
    """A PDF whose bytes are like no other's."""
    return pdfs.written(pdfs.report(2), **pdfs.CLASSIC)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoCommand]:
    """A demo that runs, for those who leave it running."""
    with DemoCommand(tmp_path_factory.mktemp("demo") / "data") as running:
        yield running


@pytest.fixture(scope="session")
def filed(tmp_path_factory: pytest.TempPathFactory, report: bytes) -> FiledReport:
    """A folder to start demos over, one after the other."""
    folder = tmp_path_factory.mktemp("filed") / "data"
    with DemoCommand(folder) as running:
        patient = Patient.new(running.chat_url)
        patient.files(report)
        wamids = patient.wamids()
    return FiledReport(folder, report, wamids)
