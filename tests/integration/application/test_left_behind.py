"""Whoever was known by phone alone and comes with a user id is told where their reports are."""

import json
from typing import Any

from medvault.domain import wording
from medvault.observability import metrics
from support.clinic.clinic import Clinic
from support.stack.meta import envelope

PHONE, ANNA, BEN = "919800000001", "IN.anna", "IN.ben"


def writes(clinic: Clinic, text: str, user_id: str | None, phone: str | None = PHONE) -> None:
    """Receives a text of somebody known by either or both of these, and handles it."""
    known = {"from": phone, "from_user_id": user_id, "id": clinic.wamid(), "type": "text"}
    message: dict[str, Any] = {key: value for key, value in known.items() if value is not None}
    value = {"messages": [message | {"text": {"body": text}}]}
    clinic.receive(envelope({"field": "messages", "value": value}))
    kind, name = ("bsuid", user_id) if user_id else ("wa_id", str(phone))
    clinic.inbound.handle([clinic.base.index(kind, name)])


def files_by_phone(clinic: Clinic) -> str:
    """Files a report for whom Meta names by phone alone; returns the patient's id."""
    document = {"id": "7", "mime_type": "application/pdf", "filename": "a.pdf"}
    message = {"from": PHONE, "id": clinic.wamid(), "type": "document", "document": document}
    clinic.receive(envelope({"field": "messages", "value": {"messages": [message]}}))
    lane = clinic.base.index("wa_id", PHONE)
    clinic.inbound.handle([lane])
    clinic.settle()
    for answer in ("2 May 2019", "Apollo Clinic", "Lab test", "YES"):
        writes(clinic, answer, None)
    clinic.settle()
    owner = clinic.tables.one("SELECT patient_id FROM reports")
    return str(owner)


def told(clinic: Clinic, user_id: str) -> int:
    return sum("*closed*" in one for one in clinic.said(user_id))


def test_they_are_told_once_and_counted(clinic: Clinic) -> None:
    files_by_phone(clinic)
    before = metrics.vaults_left_behind._value.get()
    writes(clinic, "LIST", ANNA)
    assert wording.LEFT_BEHIND in json.loads(clinic.said(ANNA)[-1])["content"]["body"]
    writes(clinic, "LIST", ANNA)
    writes(clinic, "LIST", BEN)
    assert (told(clinic, ANNA), told(clinic, BEN)) == (1, 0)
    assert clinic.audit(ANNA).count("identity.new") == 1
    assert metrics.vaults_left_behind._value.get() == before + 1


def test_a_number_that_is_shown_later_tells_as_well(clinic: Clinic) -> None:
    files_by_phone(clinic)
    writes(clinic, "HELP", ANNA, phone=None)
    assert told(clinic, ANNA) == 0
    writes(clinic, "HELP", ANNA)
    assert told(clinic, ANNA) == 1


def test_a_vault_without_reports_is_not_spoken_of(clinic: Clinic) -> None:
    writes(clinic, "HELP", None)
    writes(clinic, "HELP", ANNA)
    assert told(clinic, ANNA) == 0


def test_whoever_a_user_id_owns_is_not_left_behind(clinic: Clinic) -> None:
    files_by_phone(clinic)
    writes(clinic, "HELP", ANNA)
    writes(clinic, "HELP", BEN)
    assert told(clinic, BEN) == 0
