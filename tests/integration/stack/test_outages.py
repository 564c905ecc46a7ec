"""While a server is away nothing is lost, nothing is rushed, and work goes on by itself after."""

from collections.abc import Iterator

import pytest

from support import pdfs
from support.servers.waiting import wait_until
from support.stack.filing import file_pdf, list_one, typed
from support.stack.frail import BACK, Frail, frail_stack, frozen, wait_for
from support.stack.stack import Stack


@pytest.fixture(scope="module")
def frail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Frail]:
    with frail_stack(tmp_path_factory.mktemp("frail")) as running:
        yield running


@pytest.mark.long("a scanner that is away until the patient has been told so twice")
def test_a_file_waits_for_the_scanner_and_goes_on_by_itself(frail: Frail) -> None:
    phone = frail.stack.phone()
    frail.scanner.stop()
    wait_for(frail.stack.media, "scanner", "down")
    with frail.stack.media.counting("media_checked_total", verdict="waiting"):
        phone.send_file(pdfs.scanned(), "report.pdf", "application/pdf")
        phone.answer("my virus check is not available right now")
    phone.say("2 May 2019", "my virus check is not available right now")
    wait_until(lambda: attempts_at_scanning(frail.stack) >= 2, seconds=15, what="another attempt")
    assert not frail.stack.vault.reports(phone)
    frail.scanner.start()
    phone.answer("What date", seconds=BACK)
    said = [text for text in phone.answers() if "my virus check is not" in text]
    assert len(said) == 2, "once by itself, once as an answer"
    phone.say("2 May 2019", "Which hospital")
    phone.say("CANCEL", "Cancelled")
    frail.stack.settle()


def attempts_at_scanning(stack: Stack) -> float:
    return stack.media.metric("medvault_media_seconds_count", step="examine")


def test_webhooks_are_taken_and_answered_while_the_broker_is_frozen(frail: Frail) -> None:
    phone, pdf = frail.stack.phone(), pdfs.scanned()
    with frozen(frail.broker):
        wamid = phone.send(text="HELP")
        phone.answer("What I can do", seconds=BACK)
        assert frail.stack.meta.attempts(wamid) == [200]
    file_pdf(phone, pdf)
    list_one(phone)
    assert phone.download(phone.say("GET 1", "City Hospital")) == pdf


def test_conversations_go_on_while_the_broker_is_away(frail: Frail) -> None:
    phone = frail.stack.phone()
    frail.broker.kill()
    wait_for(frail.stack.api, "broker", "down")
    assert frail.stack.api.get("/ready").status == 200
    wamid = phone.send(text="HELP")
    phone.answer("What I can do", seconds=BACK)
    assert frail.stack.meta.attempts(wamid) == [200]
    phone.send_file(pdfs.scanned(), "report.pdf", "application/pdf")
    frail.broker.start()
    phone.answer("What date", seconds=BACK)
    phone.say("CANCEL", "Cancelled")
    for process in frail.stack.processes:
        wait_for(process, "broker", "up")
    frail.stack.settle()


@pytest.mark.parametrize("how", ["stopped", "frozen"])
def test_everything_works_without_the_cache(frail: Frail, how: str) -> None:
    phone, pdf = frail.stack.phone(), pdfs.scanned()
    (frail.cache.stop if how == "stopped" else frail.cache.pause)()
    try:
        wait_for(frail.stack.inbound, "cache", "down")
        assert frail.stack.inbound.get("/ready").status == 200
        file_pdf(phone, pdf)
        list_one(phone)
        assert phone.download(phone.say("GET 1", "City Hospital")) == pdf
    finally:
        (frail.cache.start if how == "stopped" else frail.cache.resume)()
    wait_for(frail.stack.inbound, "cache", "up")


def test_the_broker_takes_webhooks_in_while_the_database_is_frozen(frail: Frail) -> None:
    phone = frail.stack.phone()
    with frozen(frail.database), frail.stack.api.counting("intake_spilled_total"):
        wamid = phone.send(text="HELP")
        frail.stack.meta.settle()
        assert frail.stack.meta.attempts(wamid) == [200]
        assert frail.stack.api.get("/ready").status == 200
        later = phone.send(text="LIST")
        frail.stack.meta.settle()
        assert frail.stack.meta.attempts(later) == [200]
    phone.answer("What I can do", seconds=BACK)
    phone.answer("Your vault is empty", seconds=BACK)
    frail.stack.settle()
    said = "\n".join(phone.answers())
    assert said.count("What I can do") == 1


def test_all_is_well_after_all_outages(frail: Frail) -> None:
    for process in frail.stack.processes:
        process.wait()
    phone = frail.stack.phone()
    phone.send_file(pdfs.scanned(), "report.pdf", "application/pdf")
    typed(phone)
    frail.stack.settle()
