"""Somebody else at the patient's phone or number: nothing leaves until they have proven it.

A random walk over everything that WhatsApp tells of an identity, judged by an oracle of its own.
"""

from dataclasses import replace

from medvault.domain.conversations import Conversation
from medvault.domain.dialogue import advance
from medvault.domain.identity import Contact
from medvault.domain.recognition import hear
from support.attacks import Attacks
from support.identities import Impostor, walk


def test_nothing_leaves_a_vault_whose_patient_may_be_another_one(
    full: bool, attacks: Attacks
) -> None:
    steps = 100_000 if full else 1_000
    leaked, opened = _leaked(steps, guarded=True)
    without, _ = _leaked(1_000, guarded=False)
    attacks.measured(identity_steps=steps, leaked=leaked, leaked_control=without)
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
        if guarded:
            outcome = hear(person.state, shown, event, moment, person.looks_for(event))
        else:
            met = _met_before(person.state, shown)
            outcome = advance(met, event, moment, person.looks_for(event))
        leaked += person.takes(outcome)
    return leaked, opened + (person.opened if person else 0)


def _met_before(state: Conversation, contact: Contact | None) -> Conversation:
    """How a sender was remembered before anybody compared."""
    known = state.contact
    if contact is None or known is None:
        return state if contact is None else replace(state, contact=contact)
    met = Contact(contact.user_id or known.user_id, contact.phone or known.phone)
    return replace(state, contact=met)
