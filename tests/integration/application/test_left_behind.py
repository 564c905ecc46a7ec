"""A patient known by phone alone who comes with a user id is told where their reports are."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg2
import psycopg2.errors
import pytest

from medvault.application.desk_books import Approval
from medvault.application.patient_desk import PatientDesk
from medvault.domain.errors import Permanent
from medvault.domain.identifiers import LaneId, ReportId
from medvault.domain.saying import wording
from medvault.observability import metrics
from medvault.ports.desk import LeftBehind
from medvault.ports.transactions import Transaction
from medvault.ports.vault import Owned
from support.clinic.clinic import Clinic
from support.stack.meta import envelope
from support.vaults import SERVICE, as_user

Desk = Callable[[str], PatientDesk]

PHONE, ANNA, BEN = "919800000001", "IN.anna", "IN.ben"


def writes(clinic: Clinic, text: str, user_id: str | None, phone: str | None = PHONE) -> None:
    """Receives a text of somebody known by either or both of these, and handles it."""
    known = {"from": phone, "from_user_id": user_id, "id": clinic.wamid(), "type": "text"}
    message: dict[str, Any] = {key: value for key, value in known.items() if value is not None}
    value = {"messages": [message | {"text": {"body": text}}]}
    clinic.receive(envelope({"field": "messages", "value": value}))
    kind, name = ("bsuid", user_id) if user_id else ("wa_id", str(phone))
    clinic.inbound.handle([LaneId(clinic.base.index(kind, name))])


def files_by_phone(clinic: Clinic) -> str:
    """Files a report for whom Meta names by phone alone; returns the patient's id."""
    sends_by_phone(clinic)
    for answer in ("2 May 2019", "Apollo Clinic", "Lab test", "YES"):
        writes(clinic, answer, None)
    clinic.settle()
    owner = clinic.tables.one("SELECT patient_id FROM reports")
    return str(owner)


def sends_by_phone(clinic: Clinic) -> None:
    """Sends a file as somebody whom Meta names by phone alone."""
    document = {"id": "7", "mime_type": "application/pdf", "filename": "a.pdf"}
    message = {"from": PHONE, "id": clinic.wamid(), "type": "document", "document": document}
    clinic.receive(envelope({"field": "messages", "value": {"messages": [message]}}))
    lane = clinic.base.index("wa_id", PHONE)
    clinic.inbound.handle([LaneId(lane)])
    clinic.settle()


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


def joins(clinic: Clinic, logins: list[str], desk: Desk) -> UUID:
    """Two people of the desk join the vault that Anna left behind."""
    request = desk(logins[0]).joining.ask("+91 98000-00001", "Asha", "seen with passport")
    assert desk(logins[1]).joining.approve(request, "Ravi") is Approval.APPROVED
    clinic.inbound.handle([clinic.subject(ANNA)])
    return request


def test_the_desk_joins_what_was_left_behind(clinic: Clinic, logins: list[str], desk: Desk) -> None:
    before = files_by_phone(clinic)
    writes(clinic, "HELP", ANNA)
    own = clinic.files_report(ANNA)
    joins(clinic, logins, desk)
    assert wording.JOINED in json.loads(clinic.said(ANNA)[-1])["content"]["body"]
    writes(clinic, "LIST", ANNA)
    listed = json.loads(clinic.said(ANNA)[-1])["content"]
    assert "1 to 2 of 2" in listed["body"]
    reports = clinic.tables.rows("SELECT id, patient_id FROM reports")
    assert {str(patient) for _, patient in reports} == {before, str(clinic.patient(ANNA))}
    for id, _ in reports:
        clinic.receive(tap(clinic, f"report:{UUID(id).hex}"))
        clinic.inbound.handle([clinic.subject(ANNA)])
        clinic.settle()
    ready = "SELECT count(*) FROM outbox WHERE report_id IS NOT NULL AND state = 10"
    assert clinic.tables.one(ready) == 2
    assert UUID(str(own)) in {UUID(id) for id, _ in reports}
    approved = "SELECT patient_id FROM audit WHERE action = 'joining.approved'"
    assert {str(one) for one in clinic.tables.column(approved)} == {
        before, str(clinic.patient(ANNA)),
    }  # fmt: skip


def test_a_joining_takes_two_logins_within_an_hour(
    clinic: Clinic, logins: list[str], desk: Desk
) -> None:
    files_by_phone(clinic)
    writes(clinic, "HELP", ANNA)
    first, second = logins
    request = desk(first).joining.ask(PHONE, "Asha", "seen")
    assert desk(first).joining.approve(request, "Ravi") is Approval.OWN
    assert desk(second).joining.approve(UUID(int=5), "Ravi") is Approval.UNKNOWN
    clinic.tables.rows(
        "ALTER TABLE joinings DISABLE TRIGGER USER;"
        "UPDATE joinings SET asked_at = asked_at - interval '61 minutes';"
        "ALTER TABLE joinings ENABLE TRIGGER USER"
    )
    assert desk(second).joining.approve(request, "Ravi") is Approval.LATE
    writes(clinic, "LIST", ANNA)
    assert wording.NO_REPORTS in clinic.said(ANNA)[-1]


def test_a_vault_that_is_locked_is_not_joined(
    clinic: Clinic, logins: list[str], desk: Desk
) -> None:
    files_by_phone(clinic)
    writes(clinic, "HELP", ANNA)
    request = desk(logins[0]).joining.ask(PHONE, "Asha", "seen")
    desk(logins[0]).lock(ANNA, "Asha", "stolen")
    assert desk(logins[1]).joining.approve(request, "Ravi") is Approval.CHANGED
    with pytest.raises(Permanent, match="is locked"):
        desk(logins[0]).joining.ask(PHONE, "Asha", "seen")


def test_only_what_this_number_left_behind_is_joined_and_once(
    clinic: Clinic, logins: list[str], desk: Desk
) -> None:
    clinic.files_report(BEN)
    writes(clinic, "HELP", ANNA)
    at_desk = desk(logins[0])
    with pytest.raises(Permanent, match="no vault with reports"):
        at_desk.joining.ask(PHONE, "Asha", "seen")
    with pytest.raises(Permanent, match="phone number"):
        at_desk.joining.ask(ANNA, "Asha", "seen")
    session = psycopg2.connect(as_user(clinic.tables.admin_url, logins[0]))
    forged = "INSERT INTO joinings (id, patient_id, joined) SELECT gen_random_uuid(), %s, %s"
    with session.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute(forged, (str(clinic.patient(ANNA)), str(clinic.patient(BEN))))
    session.close()


def test_no_login_gives_access_by_itself(clinic: Clinic, logins: list[str]) -> None:
    clinic.files_report(BEN)
    writes(clinic, "HELP", ANNA)
    forged = "INSERT INTO access VALUES (%s, %s, now(), NULL, '')"
    for login in (*logins, SERVICE):
        session = psycopg2.connect(as_user(clinic.tables.admin_url, login))
        with session.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(forged, (str(clinic.patient(ANNA)), str(clinic.patient(BEN))))
        session.close()


def test_an_access_that_somebody_writes_into_the_database_opens_no_vault(
    clinic: Clinic, logins: list[str], desk: Desk
) -> None:
    """Its control is an access that the desk gave: a copy of it is a proof for no other vault."""
    files_by_phone(clinic)
    writes(clinic, "HELP", ANNA)
    joins(clinic, logins, desk)
    clinic.files_report(BEN)
    clinic.tables.rows(
        "INSERT INTO access SELECT patient_id, %s, valid_from, NULL, sealed FROM access",
        clinic.patient(BEN),
    )
    writes(clinic, "LIST", ANNA)
    assert "1 to 1 of 1" in clinic.said(ANNA)[-1]
    (report,) = clinic.tables.column(
        "SELECT id FROM reports WHERE patient_id = %s", clinic.patient(BEN)
    )
    asked = Owned(clinic.patient(ANNA), ReportId(UUID(report)))
    with clinic.past_policies().begin(Transaction.CHECK_OWNERS) as work:
        assert work.reports.find([asked]) == {}


def test_what_was_joined_is_not_joined_again(clinic: Clinic, logins: list[str], desk: Desk) -> None:
    files_by_phone(clinic)
    writes(clinic, "HELP", ANNA)
    request = joins(clinic, logins, desk)
    assert desk(logins[1]).joining.approve(request, "Ravi") is Approval.DONE
    writes(clinic, "HELP", BEN)
    with pytest.raises(Permanent, match="no vault with reports"):
        desk(logins[0]).joining.ask(PHONE, "Asha", "seen")
    writes(clinic, "LIST", BEN)
    assert wording.NO_REPORTS in clinic.said(BEN)[-1]


def test_a_joining_is_undone_by_two_and_can_be_made_again(
    clinic: Clinic, logins: list[str], desk: Desk
) -> None:
    old = files_by_phone(clinic)
    writes(clinic, "HELP", ANNA)
    joins(clinic, logins, desk)
    first, second = logins
    writes(clinic, "LIST", ANNA)
    writes(clinic, "GET 1", ANNA)
    request = desk(first).unjoining.ask(PHONE, "Asha", "another person's number")
    assert desk(first).unjoining.approve(request, "Ravi") is Approval.OWN
    assert desk(second).unjoining.approve(UUID(int=5), "Ravi") is Approval.UNKNOWN
    assert clinic.tables.one("SELECT count(*) FROM joinings WHERE ended_at IS NULL") == 1
    assert desk(second).unjoining.approve(request, "Ravi") is Approval.APPROVED
    clinic.inbound.handle([clinic.subject(ANNA)])
    assert wording.UNJOINED in clinic.said(ANNA)[-1]
    clinic.settle()
    assert not clinic.source.uploaded, "what was asked for before leaves no more"
    for asked in ("LIST", "GET 1"):
        writes(clinic, asked, ANNA)
        assert wording.NO_REPORTS in clinic.said(ANNA)[-1]
    noted = "SELECT patient_id FROM audit WHERE action = 'unjoining.approved'"
    both = {old, str(clinic.patient(ANNA))}
    assert {str(one) for one in clinic.tables.column(noted)} == both
    assert desk(second).unjoining.approve(request, "Ravi") is Approval.DONE
    with pytest.raises(Permanent, match="no vault is joined"):
        desk(first).unjoining.ask(PHONE, "Asha", "once more")
    joins(clinic, logins, desk)
    writes(clinic, "LIST", ANNA)
    assert "1 to 1 of 1" in clinic.said(ANNA)[-1]


def test_a_joining_is_undone_while_the_vault_is_locked_and_once(
    clinic: Clinic, logins: list[str], desk: Desk
) -> None:
    files_by_phone(clinic)
    writes(clinic, "HELP", ANNA)
    joins(clinic, logins, desk)
    desk(logins[0]).lock(ANNA, "Asha", "stolen")
    twice = [desk(logins[0]).unjoining.ask(PHONE, "Asha", "another's") for _ in range(2)]
    answers = [desk(logins[1]).unjoining.approve(one, "Ravi") for one in twice]
    assert answers == [Approval.APPROVED, Approval.CHANGED]
    said = len(clinic.said(ANNA))
    clinic.inbound.handle([clinic.subject(ANNA)])
    assert not any(wording.UNJOINED in one for one in clinic.said(ANNA)[said:])


def test_no_pin_of_before_opens_what_was_joined(
    clinic: Clinic, logins: list[str], desk: Desk
) -> None:
    files_by_phone(clinic)
    writes(clinic, "SET PIN 135724", None)
    writes(clinic, "SET PIN 482913", ANNA)
    assert clinic.state(ANNA).pin is not None
    joins(clinic, logins, desk)
    told = json.loads(clinic.said(ANNA)[-1])["content"]["body"]
    assert wording.JOINED_PIN_GONE in told
    assert wording.OFFER_PIN in told
    desk(logins[0]).lock(ANNA, "Asha", "stolen")
    clinic.inbound.handle([clinic.subject(ANNA)])
    for pin in ("135724", "482913"):
        writes(clinic, pin, ANNA)
        assert clinic.state(ANNA).lock is not None
        assert wording.OPEN_BY_CLINIC in clinic.said(ANNA)[-1]


def test_the_desk_is_told_what_stays_behind(clinic: Clinic, logins: list[str], desk: Desk) -> None:
    old = files_by_phone(clinic)
    sends_by_phone(clinic)
    writes(clinic, "HELP", ANNA)
    at_desk = desk(logins[0]).joining
    request = at_desk.ask(PHONE, "Asha", "seen")
    assert at_desk.left_behind(request) == LeftBehind(unfiled=1, locked=False)
    clinic.tables.rows("UPDATE conversations SET locked_at = now() WHERE patient_id = %s", old)
    assert at_desk.left_behind(request) == LeftBehind(unfiled=1, locked=True)
    assert at_desk.left_behind(UUID(int=5)) == LeftBehind(unfiled=0, locked=False)
    assert desk(logins[1]).joining.approve(request, "Ravi") is Approval.APPROVED


def tap(clinic: Clinic, id: str) -> bytes:
    reply = {"type": "list_reply", "list_reply": {"id": id, "title": "a report"}}
    message = {"from": PHONE, "from_user_id": ANNA, "id": clinic.wamid(), "type": "interactive"}
    value = {"messages": [message | {"interactive": reply}]}
    return envelope({"field": "messages", "value": value})
