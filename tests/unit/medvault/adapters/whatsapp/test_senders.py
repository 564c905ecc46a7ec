import pytest

from medvault.adapters.whatsapp.senders import Contacts, Sender
from medvault.domain.identity import IdentityKind

ASHA = {"wa_id": "911", "user_id": "IN.1", "identity_key_hash": "h1"}
BABU = {"wa_id": "922", "user_id": "IN.2"}
HIDDEN = {"user_id": "IN.3", "profile": {"name": "x", "username": "@x"}}
PLAIN = {"wa_id": "944"}


def sender(contacts: object, **message: object) -> Sender | None:
    return Contacts(contacts).sender({"id": "1", "type": "text", **message})


@pytest.mark.parametrize(
    ("message", "identity", "card"),
    [
        ({"from": "911", "from_user_id": "IN.1"}, "IN.1", ("IN.1", "911", "h1")),
        ({"from": "922", "from_user_id": "IN.2"}, "IN.2", ("IN.2", "922", None)),
        ({"from": "911"}, "IN.1", ("IN.1", "911", "h1")),
        ({"from": "+922"}, "IN.2", ("IN.2", "922", None)),
        ({"from_user_id": "IN.1"}, "IN.1", ("IN.1", "911", "h1")),
        ({"from_user_id": "IN.3"}, "IN.3", ("IN.3", None, None)),
        ({"from": "IN.1"}, "IN.1", ("IN.1", "911", "h1")),
        ({"from": "IN.9", "from_user_id": ""}, "IN.9", ("IN.9", None, None)),
        ({"from": 922}, "IN.2", ("IN.2", "922", None)),
        ({"from": "955", "from_user_id": "IN.5"}, "IN.5", ("IN.5", "955", None)),
    ],
)
def test_each_message_finds_its_own_contact_among_several(
    message: dict[str, object], identity: str, card: tuple[str | None, ...]
) -> None:
    found = sender([ASHA, BABU, HIDDEN, PLAIN], **message)
    assert found is not None
    assert found[0] == (IdentityKind.BSUID, identity)
    assert tuple(found[1].values()) == card


@pytest.mark.parametrize(
    "odd", ["IN.", "in.1", "IN.1-2", "IN 1", "I.12", "IN.é", "IN." + "1" * 600]
)
def test_what_only_looks_like_a_user_id_is_none(odd: str) -> None:
    assert sender([], **{"from": odd}) is None


def test_a_user_id_may_stand_for_the_number_of_a_contact() -> None:
    found = sender([{"wa_id": "IN.7", "identity_key_hash": "h7"}], **{"from": "IN.7"})
    assert found is not None
    assert found[1] == {"user_id": "IN.7", "wa_id": None, "identity_key_hash": "h7"}


def test_a_number_that_changed_is_that_of_the_customer_named() -> None:
    found = sender([], type="system", system={"customer": "911", "new_wa_id": "922"})
    assert found is not None
    assert found[0] == (IdentityKind.WA_ID, "911")


def test_the_phone_decides_only_where_there_is_no_user_id() -> None:
    found = sender([PLAIN], **{"from": "944"})
    assert found is not None
    assert found[0] == (IdentityKind.WA_ID, "944")


def test_a_contact_with_the_same_number_and_another_user_id_is_somebody_else() -> None:
    found = sender([ASHA], **{"from": "911", "from_user_id": "IN.9"})
    assert found == (
        (IdentityKind.BSUID, "IN.9"),
        {"user_id": "IN.9", "wa_id": "911", "identity_key_hash": None},
    )


def test_a_contact_never_lends_its_identity_to_a_message_without_any() -> None:
    assert sender([ASHA]) is None


@pytest.mark.parametrize(
    "contacts", [None, {}, "x", 5, [None, "x", 5, [], {}], [{"wa_id": 911, "user_id": []}]]
)
def test_odd_contacts_are_passed_over(contacts: object) -> None:
    found = sender(contacts, **{"from": "911", "from_user_id": "IN.1"})
    assert found is not None
    assert found[0] == (IdentityKind.BSUID, "IN.1")


@pytest.mark.parametrize("system", [None, [], {}, {"previous_user_id": 5}])
def test_an_odd_system_message_belongs_to_who_sent_it(system: object) -> None:
    found = sender([], type="system", system=system, from_user_id="IN.1")
    assert found is not None
    assert found[0] == (IdentityKind.BSUID, "IN.1")
