"""Somebody else at the patient's phone or number: nothing leaves until they have proven it.

A random walk over everything that WhatsApp tells of an identity, judged by an oracle of its own.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from medvault.bootstrap.inbound import make_inbound
from medvault.domain.conversation.events import Said
from medvault.domain.conversation.recognition import hear
from medvault.domain.identity import Contact
from support.attacks import Attacks
from support.clinic.clinic import Clinic
from support.clinic.impostors import HOSPITAL, Impostors
from support.clinic.tables import ClinicTables
from support.identities import PATIENT, Impostor, heard_before, walk
from support.servers.postgres import Postgres

# How a phone number that a webhook shows alone led to its owner's vault before.
LED_BEFORE = """
SELECT c.patient_id FROM identities i JOIN conversations c ON c.patient_id = i.patient_id
WHERE i.blind_index = %s AND i.kind = 'wa_id' AND i.valid_to IS NULL
"""


@pytest.fixture
def clinic(postgres_wheel: Postgres, tmp_path: Path) -> Iterator[Clinic]:
    """The use cases over a database of their own."""
    tables = ClinicTables(postgres_wheel)
    clinic = Clinic(tables, tmp_path / "files")
    # A walk takes more steps a minute than any patient is granted messages.
    unlimited = {"quota_messages_per_minute": 0, "quota_open_replies": 0}
    clinic.base.settings = clinic.base.settings.model_copy(update=unlimited)
    clinic.inbound = make_inbound(clinic.base, clinic.cache, clinic.waker)
    yield clinic
    clinic.close()
    tables.drop()


def test_nothing_leaves_a_vault_whose_patient_may_be_another_one(
    full: bool, attacks: Attacks
) -> None:
    steps, fewer = 100_000 if full else 1_000, 1_000
    leaked, opened = _leaked(steps, guarded=True)
    without, _ = _leaked(fewer, guarded=False)
    attacks.measured(identity_steps=steps, identity_steps_control=fewer)
    attacks.measured(leaked=leaked, leaked_control=without)
    assert leaked == 0
    assert opened > steps // 50, "whoever has proven it gets nothing: the walk shows nothing"
    assert without > 0, "without the comparison nothing leaks either: the walk shows nothing"


def _leaked(steps: int, *, guarded: bool) -> tuple[int, int]:
    """How often something of a vault left for somebody unproven, and how often for the patient."""
    leaked = opened = 0
    person: Impostor | None = None
    for current, shown, event in walk(seed=11, steps=steps):
        if current is not person:
            opened += person.opened if person else 0
            person = current
        moment = person.moment()
        heard = hear if guarded else heard_before
        leaked += person.takes(heard(person.state, shown, event, moment, person.looks_for(event)))
    return leaked, opened + (person.opened if person else 0)


def test_nothing_that_waits_to_leave_is_for_somebody_unproven(
    clinic: Clinic, full: bool, attacks: Attacks
) -> None:
    steps = 2_000 if full else 60
    person = Impostors(clinic, "IN.1")
    leaked = person.leaked(steps)
    without = _leaked_without_keys(Impostors(clinic, "IN.2", keys=False))
    attacks.measured(
        identity_steps_stored=steps, leaked_stored=leaked, leaked_stored_control=without
    )
    assert leaked == 0
    assert person.given > 0
    assert without > 0


def _leaked_without_keys(person: Impostors) -> int:
    """As it was when nobody read the key: a new installation is given all that it asks for."""
    person.send()
    stranger = replace(person.patient, proof="key-2")
    for said in ("LIST", "GET 1", "GET 2"):
        person.receives(stranger, Said(said))
    return sum(HOSPITAL in one for one in person.waiting())


def test_who_has_the_patients_number_and_no_user_id_gets_an_empty_vault(
    clinic: Clinic, attacks: Attacks
) -> None:
    place = Impostors(clinic, "IN.1")
    place.send()
    tries = ("LIST", "GET 1", "1", "HELP", "MORE")
    for said in tries:
        place.receives(Contact(None, PATIENT.phone), Said(said))
        place.receives(Contact("IN.9", PATIENT.phone), Said(said))
    letters = place.waiting()
    given = sum(HOSPITAL in one for one in letters)
    index = clinic.base.index("wa_id", str(PATIENT.phone))
    led_before = len(tries) * len(clinic.tables.column(LED_BEFORE, index))
    attacks.tried("recycled", 2 * len(tries), given, control=(len(tries), led_before))
    assert len(letters) >= 2 * len(tries)
    assert given == 0
    assert led_before, "the owner's vault was not known by this number"
    assert clinic.state("IN.1").contact is not None
