import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect, sync_playwright

from integration.simulator.business import Business
from integration.simulator.receiver import Receiver

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LIST = {
    "type": "list",
    "body": {"text": "Which one?"},
    "action": {
        "button": "Choose",
        "sections": [{"rows": [{"id": "r1", "title": "Blood test"}, {"id": "r2", "title": "X"}]}],
    },
}
BUTTONS = {
    "type": "button",
    "body": {"text": "*Right?*"},
    "action": {"buttons": [{"type": "reply", "reply": {"id": "yes", "title": "Yes"}}]},
}


@pytest.fixture
def page(business: Business) -> Iterator[Page]:
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        found = browser.new_page()
        wrong: list[str] = []
        found.on("pageerror", lambda error: wrong.append(str(error)))
        found.goto(business.url)
        yield found
        browser.close()
        assert not wrong


@pytest.fixture
def phone(page: Page) -> Locator:
    page.get_by_test_id("add-phone").click()
    page.get_by_test_id("new-name").fill("Asha Verma")
    page.get_by_test_id("new-phone-number").fill("+91 98765 43210")
    page.get_by_test_id("new-create").click()
    return page.get_by_test_id("phone")


def write(phone: Locator, text: str) -> None:
    phone.get_by_test_id("input").fill(text)
    phone.get_by_test_id("send").click()


def test_a_patient_talks_taps_and_opens_what_comes_back(
    business: Business, receiver: Receiver, phone: Locator
) -> None:
    write(phone, "héllo <b>")
    (message,) = receiver.wait_for_messages(1)
    assert message["text"]["body"] == "héllo <b>"
    bubbles = phone.get_by_test_id("message")
    expect(bubbles).to_have_attribute("data-status", "delivered")
    typing = {"typing_indicator": {"type": "text"}}
    business.send(status="read", message_id=message["id"], **typing)
    expect(bubbles).to_have_attribute("data-status", "read")
    expect(phone.get_by_test_id("typing")).to_be_visible()
    to = {"to": "+919876543210", "type": "interactive"}
    business.send(**to, interactive=BUTTONS)
    expect(phone.get_by_test_id("typing")).to_have_count(0)
    expect(bubbles.last.locator("strong")).to_have_text("Right?")
    phone.get_by_test_id("button").click()
    business.send(**to, interactive=LIST)
    phone.get_by_test_id("list-open").click()
    phone.get_by_test_id("row").nth(1).click()
    replies = [m["interactive"] for m in receiver.wait_for_messages(3)[1:]]
    assert [reply[reply["type"]]["id"] for reply in replies] == ["yes", "r2"]
    media_id = business.upload(b"%PDF-1.4 back", "application/pdf").json()["id"]
    document = {"id": media_id, "filename": "back.pdf"}
    business.send(to="+919876543210", type="document", document=document)
    with phone.page.expect_download() as download:
        phone.get_by_test_id("download").click()
    assert download.value.suggested_filename == "back.pdf"
    assert download.value.path().read_bytes() == b"%PDF-1.4 back"


def test_files_and_sample_reports_are_sent(receiver: Receiver, phone: Locator) -> None:
    pdf: FilePayload = {
        "name": "blutbild für Zoë.pdf",
        "mimeType": "application/pdf",
        "buffer": b"%PDF-1.4 x",
    }
    phone.get_by_test_id("file-input").set_input_files([pdf])
    (message,) = receiver.wait_for_messages(1)
    assert message["document"]["filename"] == "blutbild für Zoë.pdf"
    for sample in ("blood-test", "prescription"):
        phone.get_by_test_id("attach").click()
        phone.locator(f"[data-testid=sample][data-name={sample}]").click()
    kinds = sorted(m["type"] for m in receiver.wait_for_messages(3))
    assert kinds == ["document", "document", "image"]
    expect(phone.locator("img")).to_be_visible()


def test_the_keyboard_is_enough(
    business: Business, receiver: Receiver, phone: Locator, page: Page
) -> None:
    phone.get_by_test_id("input").press_sequentially("hi")
    page.keyboard.press("Enter")
    receiver.wait_for_messages(1)
    business.send(to="+919876543210", type="interactive", interactive=LIST)
    phone.get_by_test_id("list-open").press("Enter")
    page.keyboard.press("Escape")
    expect(phone.get_by_test_id("row")).to_have_count(0)
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert receiver.wait_for_messages(2)[1]["interactive"]["list_reply"]["id"] == "r2"


def test_what_the_control_api_refuses_is_said_on_the_page(phone: Locator, page: Page) -> None:
    page.get_by_test_id("add-phone").click()
    page.get_by_test_id("new-phone-number").fill("12")
    page.get_by_test_id("new-create").click()
    expect(page.get_by_role("alert")).to_contain_text("8 to 15 digits")
