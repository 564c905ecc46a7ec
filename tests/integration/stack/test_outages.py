"""While a server is away nothing is lost, nothing is rushed, and work goes on by itself after."""

from collections.abc import Iterator

import pytest

from support import pdfs
from support.servers.waiting import wait_until
from support.stack.breakable import BACK, Breakable, breakable_stack, frozen, wait_for
from support.stack.filing import file_pdf, list_one, typed
from support.stack.stack import Stack


@pytest.fixture(scope="module")
def breakable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Breakable]:
    with breakable_stack(tmp_path_factory.mktemp("breakable")) as running:
        yield running


@pytest.mark.long("a scanner that is away until the patient has been told so twice")
def test_a_file_waits_for_the_scanner_and_goes_on_by_itself(breakable: Breakable) -> None:
    phone = breakable.stack.phone()
    breakable.scanner.stop()
    wait_for(breakable.stack.media, "scanner", "down")
    with breakable.stack.media.counting("media_checked_total", verdict="waiting"):
        phone.send_file(pdfs.scanned(), "report.pdf", "application/pdf")
        phone.answer("my virus check is not available right now")
    phone.say("2 May 2019", "my virus check is not available right now")
    wait_until(
        lambda: attempts_at_scanning(breakable.stack) >= 2, seconds=15, what="another attempt"
    )
    assert not breakable.stack.vault.reports(phone)
    breakable.scanner.start()
    phone.answer("What date", seconds=BACK)
    said = [text for text in phone.answers() if "my virus check is not" in text]
    assert len(said) == 2, "once by itself, once as an answer"
    phone.say("2 May 2019", "Which hospital")
    phone.say("CANCEL", "Cancelled")
    breakable.stack.settle()


def attempts_at_scanning(stack: Stack) -> float:
    return stack.media.metric("medvault_media_seconds_count", step="examine")


def test_webhooks_are_taken_and_answered_while_the_broker_is_frozen(
    breakable: Breakable,
) -> None:
    phone, pdf = breakable.stack.phone(), pdfs.scanned()
    with frozen(breakable.broker):
        wamid = phone.send(text="HELP")
        phone.answer("What I can do", seconds=BACK)
        assert breakable.stack.meta.attempts(wamid) == [200]
    file_pdf(phone, pdf)
    list_one(phone)
    assert phone.download(phone.say("GET 1", "City Hospital")) == pdf


def test_conversations_go_on_while_the_broker_is_away(breakable: Breakable) -> None:
    phone = breakable.stack.phone()
    breakable.broker.kill()
    wait_for(breakable.stack.api, "broker", "down")
    assert breakable.stack.api.get("/ready").status == 200
    wamid = phone.send(text="HELP")
    phone.answer("What I can do", seconds=BACK)
    assert breakable.stack.meta.attempts(wamid) == [200]
    phone.send_file(pdfs.scanned(), "report.pdf", "application/pdf")
    breakable.broker.start()
    phone.answer("What date", seconds=BACK)
    phone.say("CANCEL", "Cancelled")
    for process in breakable.stack.processes:
        wait_for(process, "broker", "up")
    breakable.stack.settle()


@pytest.mark.parametrize("how", ["stopped", "frozen"])
def test_everything_works_without_the_cache(breakable: Breakable, how: str) -> None:
    phone, pdf = breakable.stack.phone(), pdfs.scanned()
    (breakable.cache.stop if how == "stopped" else breakable.cache.pause)()
    try:
        wait_for(breakable.stack.inbound, "cache", "down")
        assert breakable.stack.inbound.get("/ready").status == 200
        file_pdf(phone, pdf)
        list_one(phone)
        assert phone.download(phone.say("GET 1", "City Hospital")) == pdf
    finally:
        (breakable.cache.start if how == "stopped" else breakable.cache.resume)()
    wait_for(breakable.stack.inbound, "cache", "up")


def test_the_broker_takes_webhooks_in_while_the_database_is_frozen(
    breakable: Breakable,
) -> None:
    phone = breakable.stack.phone()
    with frozen(breakable.database), breakable.stack.api.counting("intake_spilled_total"):
        wamid = phone.send(text="HELP")
        breakable.stack.meta.settle()
        assert breakable.stack.meta.attempts(wamid) == [200]
        assert breakable.stack.api.get("/ready").status == 200
        later = phone.send(text="LIST")
        breakable.stack.meta.settle()
        assert breakable.stack.meta.attempts(later) == [200]
    phone.answer("What I can do", seconds=BACK)
    phone.answer("Your vault is empty", seconds=BACK)
    breakable.stack.settle()
    said = "\n".join(phone.answers())
    assert said.count("What I can do") == 1


def test_all_is_well_after_all_outages(breakable: Breakable) -> None:
    for process in breakable.stack.processes:
        process.wait()
    phone = breakable.stack.phone()
    phone.send_file(pdfs.scanned(), "report.pdf", "application/pdf")
    typed(phone)
    breakable.stack.settle()
