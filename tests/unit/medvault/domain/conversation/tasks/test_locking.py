"""A locked vault, as its patient meets it."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from medvault.domain.conversation.effects import Effect, LinkIdentity, LockVault, UnlockVault
from medvault.domain.conversation.events import (
    Doubted,
    Event,
    Moved,
    Noticed,
    Said,
    SentTooLarge,
    Tapped,
    Vouched,
)
from medvault.domain.conversation.facts import Facts
from medvault.domain.conversation.recognition import hear
from medvault.domain.conversation.state import Conversation, Step
from medvault.domain.identity import Contact, Doubt
from medvault.domain.media import Verdict
from medvault.domain.saying import wording
from support.patients import Heard, Patient

KNOWN = Contact("IN.1", "919800000001", "key-1")
STRANGER = replace(KNOWN, proof="key-2")


def patient(*, pin: bool = False) -> Patient:
    """One who has filed a report, and perhaps set a PIN."""
    found = Patient(Conversation(greeted=True, contact=KNOWN))
    found.files(hospital="Secret Clinic")
    if pin:
        found.says("SET PIN 482913")
        found.waits(minutes=2)
    return found


def shows(one: Patient, contact: Contact, event: Event) -> Heard:
    """An event whose sender a webhook shows like this."""
    one.state, effects = hear(one.state, contact, event, one.moment, Facts(one.shelf))
    return Heard(effects)


def kinds(heard: Heard, *wanted: type[Effect]) -> list[type[Effect]]:
    """Those effects, in their order."""
    return [type(effect) for effect in heard.effects if isinstance(effect, wanted)]


@pytest.mark.parametrize(
    "event", [Said("LIST"), Said("GET 1"), Tapped("menu:list"), SentTooLarge()]
)
def test_another_key_locks_before_it_is_answered(event: Event) -> None:
    one = patient()
    heard = shows(one, STRANGER, event)
    assert one.state.lock is not None
    assert kinds(heard, LockVault) == [LockVault]
    assert heard.recorded == ["identity.locked"]
    assert wording.LOCKED[Doubt.KEY] in heard.text
    assert wording.OPEN_BY_CLINIC in heard.text
    assert "Secret" not in heard.text
    assert heard.sent == []


def test_a_reaction_with_another_key_locks_and_says_so() -> None:
    heard = shows(patient(), STRANGER, Noticed())
    assert wording.LOCKED[Doubt.KEY] in heard.text


def test_a_locked_vault_keeps_what_is_sent_and_goes_on_with_it_once_it_is_open() -> None:
    one = patient()
    shows(one, STRANGER, Said("hello"))
    file = one.sends("new.pdf")
    assert one.hears_of(file).replies == []
    assert one.state.lock is not None
    heard = one.does(Vouched(one.state.lock.since))
    assert kinds(heard, UnlockVault) == [UnlockVault]
    assert wording.UNLOCKED_BY_CLINIC in heard.text
    assert wording.OFFER_PIN in heard.text
    assert "new.pdf" in heard.text
    assert one.state.filing.step is Step.DATE


def test_of_many_files_only_the_first_is_answered_while_it_is_locked() -> None:
    one = patient()
    shows(one, STRANGER, Said("hello"))
    said = [one.does(event).text for event in [_file(n) for n in range(3)]]
    assert wording.KEPT_WHILE_LOCKED in said[0]
    assert said[1:] == ["", ""]


def test_a_file_that_is_refused_meanwhile_is_spoken_of_once_it_is_open() -> None:
    one = patient()
    shows(one, STRANGER, Said("hello"))
    file = one.sends("bad.pdf")
    assert one.hears_of(file, Verdict.DAMAGED).text == ""
    assert one.state.lock is not None
    heard = one.does(Vouched(one.state.lock.since))
    assert wording.REFUSED[Verdict.DAMAGED] in heard.text
    assert one.state.filing.draft is None


def test_what_a_file_is_kept_without_is_said_once_it_is_open() -> None:
    one = patient()
    shows(one, STRANGER, Said("hello"))
    told = wording.KEPT_WITHOUT[Verdict.HAS_SCRIPT]
    assert one.hears_of(one.sends("a.pdf"), removed=Verdict.HAS_SCRIPT).text == ""
    assert one.state.lock is not None
    assert told in one.does(Vouched(one.state.lock.since)).text
    assert told not in one.says("HELP").text


def test_a_question_waits_with_its_file_and_does_not_time_out() -> None:
    one = patient(pin=True)
    one.comes_to("hospital", "scan.pdf")
    shows(one, STRANGER, Said("Apollo"))
    assert one.state.filing.deadline is None
    one.waits(days=3)
    heard = one.says("482913")
    assert wording.UNLOCKED_BY_PIN in heard.text
    assert one.state.filing.step is Step.HOSPITAL
    assert one.state.filing.deadline is not None


def test_the_pin_opens_and_its_message_is_to_be_deleted() -> None:
    one = patient(pin=True)
    assert wording.OPEN_BY_PIN in shows(one, STRANGER, Said("LIST")).text
    heard = shows(one, STRANGER, Said("482 913"))
    assert heard.recorded == ["identity.unlocked"]
    assert "delete" in heard.text
    assert len(shows(one, STRANGER, Said("LIST")).replies[0].rows) == 1


def test_a_new_key_after_that_locks_again() -> None:
    one = patient(pin=True)
    shows(one, STRANGER, Said("482913"))
    assert one.state.lock is None
    shows(one, replace(KNOWN, proof="key-1"), Said("LIST"))
    assert one.state.lock is not None


def test_wrong_pins_are_counted_told_and_end_in_a_pause() -> None:
    one = patient(pin=True)
    shows(one, STRANGER, Said("hello"))
    told = [one.says("135791").text for _ in range(6)]
    assert told[0] == wording.PIN_WRONG.format(left=4)
    assert told[3] == wording.PIN_WRONG_ONE_LEFT
    assert told[4:] == [wording.PIN_SHUT.format(wait="1 hour")] * 2
    assert one.says("482913").text == told[4]
    one.waits(minutes=30)
    assert wording.PIN_SHUT.format(wait="30 minutes") in one.says("LIST").text
    one.waits(minutes=31)
    assert wording.UNLOCKED_BY_PIN in one.says("482913").text


def test_whoever_came_after_the_clinic_looked_is_not_let_in() -> None:
    one = patient()
    shows(one, STRANGER, Said("hello"))
    assert one.state.lock is not None
    since = one.state.lock.since
    shows(one, replace(KNOWN, proof="key-3"), Said("hello"))
    assert one.does(Vouched(since)).effects == ()
    assert one.state.lock is not None


def test_what_the_clinic_has_locked_no_pin_opens() -> None:
    one = patient(pin=True)
    heard = one.does(Doubted(Doubt.DESK))
    assert wording.LOCKED[Doubt.DESK] in heard.text
    assert wording.OPEN_BY_PIN not in heard.text
    assert wording.LOCKED[Doubt.DESK] in one.says("482913").text
    shows(one, STRANGER, Said("482913"))
    assert one.state.lock is not None
    assert one.state.lock.doubt is Doubt.DESK


def test_the_clinic_lets_in_without_the_old_pin() -> None:
    one = patient(pin=True)
    shows(one, STRANGER, Said("hello"))
    assert one.state.lock is not None
    one.does(Vouched(one.state.lock.since))
    assert one.state.pin is None


def test_a_refused_key_is_forgotten_so_that_the_patient_hears_of_the_lock() -> None:
    one = patient()
    heard = one.does(Doubted(Doubt.REFUSED))
    assert wording.LOCKED[Doubt.REFUSED] in heard.text
    assert one.state.contact == replace(KNOWN, proof=None)
    assert one.does(Doubted(Doubt.REFUSED)).effects == ()


def test_a_move_links_the_new_identity_and_locks() -> None:
    one = patient()
    new = Contact("IN.2", "919800000002")
    heard = shows(one, KNOWN, Moved(new))
    assert kinds(heard, LinkIdentity, LockVault) == [LinkIdentity, LockVault]
    assert one.state.contact == new
    assert wording.LOCKED[Doubt.NUMBER] in heard.text


def test_a_move_without_a_user_id_leaves_the_vault_where_it_is_and_locks() -> None:
    one = patient()
    heard = shows(one, KNOWN, Moved(Contact(None, "919800000002")))
    assert kinds(heard, LinkIdentity, LockVault) == [LockVault]
    assert one.state.contact == KNOWN


def test_whoever_is_known_by_phone_alone_moves_by_phone() -> None:
    one = patient()
    one.state = one.state._replace(contact=Contact(None, "919800000001"))
    new = Contact(None, "919800000002")
    assert LinkIdentity(new) in shows(one, Contact(None, "919800000001"), Moved(new)).effects


def test_a_move_of_somebody_unheard_of_moves_nothing() -> None:
    one = Patient(Conversation())
    assert shows(one, KNOWN, Moved(Contact("IN.2", None))).effects == ()
    assert one.state == Conversation(contact=KNOWN)


@pytest.mark.parametrize("event", [Said("LIST"), Tapped("report:1"), Moved(Contact("IN.3", None))])
def test_each_new_doubt_makes_the_lock_a_new_one(event: Event) -> None:
    one = patient()
    shows(one, STRANGER, Said("hello"))
    first = one.state.lock
    shows(one, replace(KNOWN, proof="key-3"), event)
    assert first is not None
    assert one.state.lock is not None
    assert one.state.lock.since > first.since
    assert one.state.lock.since - first.since < timedelta(seconds=1)


def _file(number: int) -> Event:
    from medvault.domain.conversation.events import SentFile
    from medvault.domain.media import Attachment

    return SentFile(Attachment(str(UUID(int=number)), "application/pdf"))
