"""A small honest run of everything, recorded once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from chaos.checker.check import check
from chaos.checker.findings import Findings
from integration.chaos.history import History, Recording, recorded, sources
from support import pdfs, pictures
from support.stack.environment import NewServers
from support.stack.filing import asked_for_date, file_pdf, list_one
from support.stack.phone import Phone
from support.stack.stack import running_stack


def files_and_gets_back(phone: Phone) -> None:
    file_pdf(phone, pdfs.scanned())
    list_one(phone)
    phone.say("GET 1", "City Hospital")


def writes_without_waiting(phone: Phone) -> None:
    for _ in range(4):
        phone.send(text="HELP")
    for _ in range(4):
        phone.answer("What I can do")


def changes_her_mind(phone: Phone) -> None:
    asked_for_date(phone, pdfs.scanned())
    phone.say("CANCEL")
    asked_for_date(phone, pdfs.scanned())


def sends_two_photos(phone: Phone) -> None:
    for quality in (70, 80):
        phone.send_file(pictures.jpeg(quality=quality), "", "image/jpeg", document=False)
    phone.answer("What date")
    for day in (1, 2):
        phone.say(f"{day} May 2019", "Which hospital")
        phone.say("City Hospital", "What kind")
        phone.say("other", "Shall I file it?")
        phone.say("yes", "What date" if day == 1 else "2 May 2019")


LIVES: tuple[Callable[[Phone], None], ...] = (
    files_and_gets_back,
    writes_without_waiting,
    changes_her_mind,
    sends_two_photos,
)


@pytest.fixture(scope="session")
def run(
    new_servers: NewServers,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Findings, Recording]:
    with (
        new_servers() as servers,
        running_stack(servers, tmp_path_factory.mktemp("recorded")) as stack,
    ):
        phones = [stack.phone() for _ in LIVES]
        with ThreadPoolExecutor(len(LIVES)) as pool:
            list(pool.map(lambda life, phone: life(phone), LIVES, phones))
        stack.settle()
        found = check(sources(stack))
        recording = recorded(stack)
    return found, recording


@pytest.fixture
def history(run: tuple[Findings, Recording]) -> Iterator[History]:
    """A copy of the run, to be tampered with."""
    copied = History(run[1])
    yield copied
    copied.drop()
