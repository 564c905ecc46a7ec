"""The clinic's desk: one person locks, two open, and the database knows them by their logins."""

import json
from collections.abc import Callable
from uuid import UUID

import psycopg2
import psycopg2.errors
import pytest

from medvault.application.desk_books import Approval
from medvault.application.patient_desk import PatientDesk
from medvault.bootstrap.desk import make_patient_desk
from medvault.domain.errors import Permanent
from medvault.domain.identifiers import VaultId
from medvault.domain.place import Place
from medvault.domain.saying import wording
from support.clinic.clinic import Clinic
from support.vaults import as_user

ANNA, PHONE = "IN.anna", "919800000001"
REFUSED = psycopg2.errors.InsufficientPrivilege
Desk = Callable[[str], PatientDesk]


@pytest.fixture
def locked(clinic: Clinic) -> Clinic:
    """Anna has filed a report, and somebody writes with another key."""
    clinic.files_report(ANNA)
    lock(clinic, "key-1")
    lock(clinic, "key-2")
    assert clinic.state(ANNA).lock is not None
    return clinic


def lock(clinic: Clinic, key: str) -> None:
    """A message that shows this key."""
    element = {"from_user_id": ANNA, "from": PHONE, "id": clinic.wamid(), "type": "text"}
    contact = {"user_id": ANNA, "wa_id": PHONE, "identity_key_hash": key}
    value = {"messages": [element | {"text": {"body": "LIST"}}], "contacts": [contact]}
    change = {"field": "messages", "value": value}
    root = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}
    clinic.receive(json.dumps(root).encode())
    clinic.inbound.handle([clinic.subject(ANNA)])


def notes(clinic: Clinic, action: str) -> list[dict[str, str]]:
    """The contents of the audit's notes of this action."""
    rows = clinic.tables.rows("SELECT id, patient_id, note FROM audit WHERE action = %s", action)
    return [
        json.loads(
            clinic.base.sealer.open(bytes(note), Place.note(UUID(id), VaultId(UUID(patient))))
        )
        for id, patient, note in rows
        if note is not None
    ]


def test_one_asks_and_another_approves(locked: Clinic, logins: list[str], desk: Desk) -> None:
    first, second = logins
    request = desk(first).unlocking.ask(" +91 98000-00001 ", "Asha", "seen with passport")
    assert desk(second).unlocking.approve(request, "Ravi") is Approval.APPROVED
    locked.inbound.handle([locked.subject(ANNA)])
    assert locked.state(ANNA).lock is None
    assert wording.UNLOCKED_BY_CLINIC.split(":")[0] in locked.said(ANNA)[-1]
    assert notes(locked, "unlocking.asked") == [
        {"by": "Asha", "login": first, "reason": "seen with passport", "request": str(request)}
    ]
    assert notes(locked, "unlocking.approved") == [
        {"by": "Ravi", "login": second, "request": str(request)}
    ]
    assert locked.audit(ANNA)[-1] == "identity.unlocked"
    assert locked.tables.one("SELECT locked_at IS NULL FROM conversations LIMIT 1")
    assert desk(second).unlocking.approve(request, "Ravi") is Approval.DONE


def test_a_vault_is_found_by_its_user_id_too(locked: Clinic, logins: list[str], desk: Desk) -> None:
    assert isinstance(desk(logins[0]).unlocking.ask(ANNA, "Asha", "seen"), UUID)


def test_nobody_approves_what_they_asked_for(locked: Clinic, logins: list[str], desk: Desk) -> None:
    first, _ = logins
    request = desk(first).unlocking.ask(PHONE, "Asha", "seen")
    assert desk(first).unlocking.approve(request, "Somebody else") is Approval.OWN
    with psycopg2.connect(as_user(locked.tables.admin_url, first)) as connection:
        for forged in ("approved_by = 'another'", "asked_by = 'another'", "asked_at = now()"):
            with (
                connection.cursor() as cursor,
                pytest.raises(REFUSED),
            ):
                cursor.execute(f"UPDATE unlockings SET {forged}")
            connection.rollback()
        forged = "gen_random_uuid(), patient_id, locked_since, 'another', now(), 'a third', now()"
        with connection.cursor() as cursor, pytest.raises(REFUSED):
            cursor.execute(f"INSERT INTO unlockings SELECT {forged} FROM unlockings")
        connection.rollback()
    names = "SELECT DISTINCT asked_by, approved_by FROM unlockings"
    assert locked.tables.rows(names) == [(first, None)]
    assert locked.state(ANNA).lock is not None


def test_what_was_asked_for_an_hour_ago_is_not_approved(
    locked: Clinic, logins: list[str], desk: Desk
) -> None:
    request = desk(logins[0]).unlocking.ask(PHONE, "Asha", "seen")
    locked.tables.rows(
        "ALTER TABLE unlockings DISABLE TRIGGER USER;"
        "UPDATE unlockings SET asked_at = asked_at - interval '61 minutes';"
        "ALTER TABLE unlockings ENABLE TRIGGER USER"
    )
    assert desk(logins[1]).unlocking.approve(request, "Ravi") is Approval.LATE


def test_whoever_writes_meanwhile_is_not_let_in(
    locked: Clinic, logins: list[str], desk: Desk
) -> None:
    request = desk(logins[0]).unlocking.ask(PHONE, "Asha", "seen")
    lock(locked, "key-3")
    assert desk(logins[1]).unlocking.approve(request, "Ravi") is Approval.CHANGED
    assert locked.state(ANNA).lock is not None


def test_the_services_login_asks_for_nothing(locked: Clinic, logins: list[str], desk: Desk) -> None:
    own = make_patient_desk(locked.base)
    with pytest.raises(Permanent, match="GRANT medvault_desk"):
        own.unlocking.ask(PHONE, "Asha", "seen")
    request = desk(logins[0]).unlocking.ask(PHONE, "Asha", "seen")
    with pytest.raises(Permanent, match="GRANT medvault_desk"):
        own.unlocking.approve(request, "Asha")
    services = psycopg2.connect(locked.tables.service_url)
    with services as connection, connection.cursor() as cursor, pytest.raises(REFUSED):
        cursor.execute("UPDATE unlockings SET approved_at = now()")
    services.close()


def test_what_is_not_locked_or_known_is_not_asked_for(
    clinic: Clinic, logins: list[str], desk: Desk
) -> None:
    clinic.hears(ANNA, "hello")
    at_desk = desk(logins[0])
    with pytest.raises(Permanent, match="not locked"):
        at_desk.unlocking.ask(ANNA, "Asha", "seen")
    for typed in ("+49 170 1234567", "DE.nobody", "", "४"):
        with pytest.raises(Permanent, match="nobody's vault"):
            at_desk.unlocking.ask(typed, "Asha", "seen")
    assert at_desk.unlocking.approve(UUID(int=5), "Asha") is Approval.UNKNOWN


def test_nothing_keeps_a_pin_but_its_hash_within_the_seal(clinic: Clinic) -> None:
    clinic.hears(ANNA, "SET PIN", "482913")
    state = clinic.state(ANNA)
    assert state.pin is not None
    assert "482913" not in repr(state)
    assert clinic.tables.one("SELECT count(*) FROM inbox WHERE content IS NOT NULL") == 0
    assert not any("482913" in said for said in clinic.said(ANNA))


def test_one_person_locks_at_once_and_no_pin_opens(clinic: Clinic) -> None:
    clinic.files_report(ANNA)
    clinic.hears(ANNA, "SET PIN 482913", "LIST")
    make_patient_desk(clinic.base).lock(ANNA, "Asha", "phone was stolen")
    assert clinic.tables.one("SELECT count(*) FROM outbox WHERE state < 40") == 0
    clinic.inbound.handle([clinic.subject(ANNA)])
    assert "Your clinic has *locked* this vault." in clinic.said(ANNA)[-1]
    clinic.hears(ANNA, "482913", "LIST")
    assert clinic.state(ANNA).lock is not None
    assert notes(clinic, "identity.locked") == [
        {"by": "Asha", "reason": "phone was stolen", "login": "vault_app"}
    ]
