"""Processes that are told to end, or killed: their unfinished work is done once, later."""

import pytest

from medvault.application.leases import LEASE
from support import pdfs
from support.stack.filing import asked_for_date, file_pdf, list_one
from support.stack.phone import Phone
from support.stack.service import Service
from support.stack.stack import Stack

NAMES = ("api", "inbound", "media", "outbound")


def busy(stack: Stack) -> list[Phone]:
    """Patients in the middle of everything: one writes, one sends a file, one asks for one."""
    writer, sender, reader = (stack.phone() for _ in range(3))
    file_pdf(reader, pdfs.scanned())
    list_one(reader)
    asked_for_date(sender, pdfs.scanned())
    for text in ("HELP", "LIST", "HELP"):
        writer.send(text=text)
    sender.send_file(pdfs.many_pages(300), "second.pdf", "application/pdf")
    reader.send(text="GET 1")
    return [writer, sender, reader]


def expect_all_done(stack: Stack, phones: list[Phone]) -> None:
    writer, sender, reader = phones
    stack.settle(LEASE.total_seconds() + 10)
    said = "\n".join(writer.answers())
    assert said.count("What I can do") == 2
    assert said.count("Your vault is empty") == 1
    sent_back = [message for message in reader.chat() if message["type"] == "document"]
    assert [m["direction"] for m in sent_back] == ["inbound", "outbound"]
    sender.say("2 May 2019", "Which hospital")


@pytest.mark.parametrize("name", NAMES)
def test_a_process_that_is_told_to_end_does_so_and_a_new_one_goes_on(
    stack: Stack, name: str
) -> None:
    process: Service = getattr(stack, name)
    phones = busy(stack)
    assert process.terminate() == 0
    process.start()
    process.wait()
    expect_all_done(stack, phones)


def test_what_processes_were_doing_that_are_killed_all_at_once_is_done_once(stack: Stack) -> None:
    phones = busy(stack)
    for process in stack.processes:
        process.kill()
    for process in stack.processes:
        process.start()
    for process in stack.processes:
        process.wait()
    expect_all_done(stack, phones)
