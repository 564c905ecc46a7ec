"""The chat page over the running demo, in a real browser, as a newcomer would use it."""

import base64
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3
from playwright.sync_api import FilePayload, Locator, Page, expect, sync_playwright

from integration.simulator.test_chat_page import QUIET
from support.demo import DemoCommand

PATIENCE = 20_000
"""Milliseconds."""
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
SHOT = Path(__file__).parents[3] / "build" / "chat.png"
SLOW_FILE = {"error": {"code": 131000, "times": 1, "on": "media"}}
"""The first fetch fails and is tried again after seconds."""
DROP = """(area, [name, type, base64]) => {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name, { type }));
  for (const kind of ["dragenter", "dragover", "drop"])
    area.dispatchEvent(new DragEvent(kind, { dataTransfer: carried, bubbles: true }));
}"""


@pytest.fixture
def page(demo: DemoCommand) -> Iterator[Page]:
    with sync_playwright() as playwright:
        chromium = next(filter(None, map(shutil.which, CHROMIUMS)), None)
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        found = browser.new_page(viewport={"width": 1180, "height": 900})
        wrong: list[str] = []
        found.on("pageerror", lambda error: wrong.append(str(error)))
        found.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        expect.set_options(timeout=PATIENCE)
        found.goto(demo.chat_url)
        yield found
        browser.close()
        assert not wrong


def add_phone(page: Page, name: str, number: str) -> Locator:
    page.get_by_test_id("add-phone").click()
    page.get_by_test_id("new-name").fill(name)
    page.get_by_test_id("new-phone-number").fill(number)
    page.get_by_test_id("new-create").click()
    phone = page.get_by_role("region", name=f"Phone of {name}")
    expect(phone.get_by_test_id("input")).to_be_focused()
    return phone


def write(phone: Locator, text: str) -> None:
    phone.get_by_test_id("input").fill(text)
    phone.get_by_test_id("send").click()


def newest(phone: Locator) -> Locator:
    """The newest message from the business."""
    return phone.locator("[data-testid=message][data-direction=outbound]").last


def test_a_newcomer_files_a_report_and_gets_the_same_bytes_back(page: Page, report: bytes) -> None:
    phone = add_phone(page, "Asha Verma", "+91 98765 43210")
    write(phone, "Hello")
    hello = phone.get_by_test_id("message").first
    expect(newest(phone)).to_contain_text("Welcome to your medical vault")
    pdf: FilePayload = {"name": "thyroid.pdf", "mimeType": "application/pdf", "buffer": report}
    phone.get_by_test_id("file-input").set_input_files([pdf])
    expect(newest(phone)).to_contain_text("What date is on the report?")
    expect(hello).to_have_attribute("data-status", "read")
    expect(hello.locator(".ticks.read")).to_be_visible()
    write(phone, "2 May 2019")
    expect(newest(phone)).to_contain_text("Which hospital")
    write(phone, "City Hospital")
    expect(newest(phone)).to_contain_text("What kind of report")
    phone.get_by_test_id("list-open").click()
    phone.get_by_test_id("row").filter(has_text="Lab test").click()
    expect(newest(phone)).to_contain_text("Shall I file it?")
    newest(phone).get_by_role("button", name="File it").click()
    expect(newest(phone)).to_contain_text("Filed: Lab test, City Hospital, 2 May 2019.")
    write(phone, "LIST")
    expect(newest(phone)).to_contain_text("Your reports, newest first: 1 to 1 of 1")
    newest(phone).get_by_test_id("list-open").click()
    phone.get_by_test_id("row").first.click()
    card = newest(phone).get_by_test_id("download")
    expect(card).to_be_visible()
    with page.expect_download() as download:
        card.click()
    assert download.value.suggested_filename == "thyroid.pdf"
    assert download.value.path().read_bytes() == report
    page.screenshot(path=SHOT, animations="disabled")


def test_the_patient_sees_that_an_answer_is_being_written(
    demo: DemoCommand, page: Page, report: bytes
) -> None:
    phone = add_phone(page, "Ravi Menon", "+91 98765 43211")
    write(phone, "Hello")
    expect(newest(phone)).to_contain_text("Welcome")
    urllib3.request("POST", f"{demo.chat_url}/sim/faults", json=SLOW_FILE)
    carried = ["scan.pdf", "application/pdf", base64.b64encode(report).decode()]
    phone.evaluate(DROP, carried)
    expect(phone.get_by_test_id("typing")).to_be_visible()
    expect(phone.locator(".who")).to_contain_text("typing…")
    expect(newest(phone)).to_contain_text("What date is on the report?")
    expect(phone.get_by_test_id("typing")).to_have_count(0)
    sent = phone.locator("[data-testid=message][data-direction=inbound]")
    expect(sent.last).to_have_attribute("data-type", "document")
    expect(sent.last).to_have_attribute("data-status", "read")


def test_a_file_that_is_no_report_is_declined_with_what_to_do(page: Page) -> None:
    phone = add_phone(page, "Meera Iyer", "+91 98765 43212")
    note: FilePayload = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"buy milk"}
    phone.get_by_test_id("file-input").set_input_files([note])
    expect(newest(phone)).to_contain_text("That is a plain text file")
    write(phone, "LIST")
    expect(newest(phone)).to_contain_text("Your vault is empty.")
