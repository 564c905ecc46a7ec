"""The person who writes, compared with the patient whom the vault knows."""

import pytest

from medvault.domain.identity import Contact, Doubt, meet

KNOWN = Contact("IN.1", "919800000001", "key-1")


def test_the_first_who_writes_is_taken_for_the_patient() -> None:
    assert meet(None, KNOWN) == (KNOWN, None)


def test_the_first_key_of_a_known_patient_is_taken_for_theirs() -> None:
    assert meet(Contact("IN.1", "919800000001"), KNOWN) == (KNOWN, None)


@pytest.mark.parametrize(
    "shown",
    [KNOWN, Contact("IN.1", None, None), Contact("IN.1", None, "key-1"), Contact(None, None)],
)
def test_what_a_message_leaves_out_stays_as_it_was(shown: Contact) -> None:
    assert meet(KNOWN, shown) == (KNOWN, None)


@pytest.mark.parametrize(
    ("shown", "doubt"),
    [
        (Contact("IN.1", "919800000001", "key-2"), Doubt.KEY),
        (Contact("IN.1", None, "key-2"), Doubt.KEY),
        (Contact("IN.1", "919800000002", "key-1"), Doubt.NUMBER),
        (Contact("IN.1", "919800000002"), Doubt.NUMBER),
    ],
)
def test_another_key_or_number_is_a_doubt_and_is_remembered(shown: Contact, doubt: Doubt) -> None:
    met, found = meet(KNOWN, shown)
    assert found is doubt
    assert met == Contact("IN.1", shown.phone or KNOWN.phone, shown.proof or KNOWN.proof)


def test_a_known_user_id_is_never_replaced() -> None:
    assert meet(KNOWN, Contact("IN.2", "919800000001", "key-1")) == (KNOWN, Doubt.NUMBER)
