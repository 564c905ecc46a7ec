"""Somebody else at a patient's phone or number, from the webhook to the answer."""

from collections.abc import Iterator

import pytest

from support import pdfs
from support.servers.waiting import wait_until
from support.stack.filing import file_pdf
from support.stack.phone import Phone
from support.stack.stack import Stack

LOCKED, OPEN = "your vault is *locked*", "your vault is open again"


@pytest.fixture
def checked(stack: Stack) -> Iterator[Stack]:
    """Meta's check of identities is on."""
    stack.meta.control("PATCH", "/app", json={"identity_check": True})
    yield stack
    stack.meta.control("PATCH", "/app", json={"identity_check": False, "user_ids": True})


def owner(stack: Stack) -> Phone:
    """A patient with a report and a PIN."""
    phone = stack.phone()
    phone.say("hello", "Welcome")
    file_pdf(phone, pdfs.scanned())
    phone.say("SET PIN 482913", "Your PIN is set")
    return phone


def test_a_new_installation_is_locked_out_until_it_gives_the_pin(checked: Stack) -> None:
    phone = owner(checked)
    phone.say("LIST", "1 to 1 of 1")
    checked.meta.control("POST", f"/users/{phone.id}/identity")
    for said in ("LIST", "GET 1"):
        phone.say(said, LOCKED)
    phone.say("482913", OPEN)
    phone.say("LIST", "1 to 1 of 1")
    assert checked.vault.audit(phone).count("identity.locked") == 1
    assert checked.inbound.metric("medvault_vaults_locked_total", reason="key") >= 1
    # A process remembers its report on /ready for a second.
    wait_until(
        lambda: checked.inbound.get("/ready").json()["notes"] == {"identity check": "on"},
        seconds=5,
        what="a note that keys are told",
    )


def test_what_is_sent_to_a_new_installation_is_refused_and_locks(checked: Stack) -> None:
    phone = owner(checked)
    checked.outbound.pause()
    try:
        phone.send(text="LIST")
        waits = "SELECT 1 FROM outbox WHERE patient_id = %s AND state < 40"
        patient = str(checked.vault.patient(phone))
        wait_until(
            lambda: checked.vault.tables.column(waits, patient), seconds=10, what="an answer"
        )
        checked.meta.control("POST", f"/users/{phone.id}/identity")
    finally:
        checked.outbound.resume()
    assert "1 to 1" not in phone.answer(LOCKED)["text"]
    assert not any("1 to 1" in answer for answer in phone.answers())


def test_another_number_brings_the_vault_along_locked(checked: Stack) -> None:
    phone = owner(checked)
    checked.meta.control("POST", f"/users/{phone.id}/number", json={"phone": "+919811111111"})
    phone.answer(LOCKED)
    phone.say("LIST", LOCKED)
    phone.say("482913", OPEN)
    phone.say("LIST", "1 to 1 of 1")


def test_a_webhook_without_user_ids_opens_no_vault_that_has_one(checked: Stack) -> None:
    phone = owner(checked)
    checked.meta.control("PATCH", "/app", json={"user_ids": False})
    phone.say("LIST", "empty")
    checked.meta.control("PATCH", "/app", json={"user_ids": True})
    phone.say("LIST", "1 to 1 of 1")
