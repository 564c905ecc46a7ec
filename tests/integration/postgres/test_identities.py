"""The right to open a vault: by BSUID, and by phone only where a webhook has nothing else."""

from datetime import UTC, datetime
from uuid import UUID

from medvault.domain.conversation.state import Conversation
from medvault.domain.identifiers import LaneId, MediaId, PersonId
from medvault.domain.identity import Contact
from medvault.domain.media import Attachment
from medvault.ports.persistence import Claimed
from medvault.ports.vault import NewFile
from support.vaults import Vault

BSUID, NEW_BSUID, PHONE = "BS.1", "BS.2", "919800000001"


def hears(vault: Vault, contact: Contact, said: str) -> Claimed:
    """The conversation that a message leads to; it is handled, and the contact remembered."""
    subject = vault.subject(contact)
    vault.receive(vault.message(subject, said))
    with vault.database.begin() as work:
        [claimed] = work.conversations.claim([subject], vault.new_id)
        work.conversations.save([(claimed, Conversation(contact=contact))])
        work.inbox.finish([update.seq for update in claimed.pending], "handled")
    return claimed


def link(vault: Vault, claimed: Claimed, contact: Contact) -> None:
    """A number change, as its own conversation hears of it."""
    vault.receive(vault.message(claimed.subject, "changed"))
    with vault.database.begin() as work:
        [held] = work.conversations.claim([claimed.subject], vault.new_id)
        work.conversations.link(held, contact)
        work.inbox.finish([held.pending[0].seq], "handled")


def subject_of(vault: Vault, patient_id: PersonId) -> UUID:
    """The subject that opens a vault."""
    subject: LaneId = vault.one(
        "SELECT subject FROM conversations WHERE patient_id = :id", id=patient_id
    )
    return subject


def current(vault: Vault, patient_id: PersonId) -> set[tuple[str, UUID]]:
    """The identities that a patient has now."""
    rows = vault.sql(
        "SELECT kind, blind_index FROM identities WHERE patient_id = :id AND valid_to IS NULL",
        id=patient_id,
    )
    return {(kind, index) for kind, index in rows}


def test_a_phone_alone_never_leads_to_a_vault_that_a_user_id_owns(vault: Vault) -> None:
    owner = hears(vault, Contact(BSUID, PHONE), "hello")
    found = hears(vault, Contact(None, PHONE), "it is me")
    assert found.patient_id != owner.patient_id
    assert [update.content for update in found.pending] == [b"it is me"]
    assert hears(vault, Contact(None, PHONE), "again").patient_id == found.patient_id
    assert hears(vault, Contact(BSUID, PHONE), "hello").patient_id == owner.patient_id


def test_a_phone_alone_takes_the_phone_from_nobody(vault: Vault) -> None:
    owner = hears(vault, Contact(BSUID, PHONE), "hello")
    found = hears(vault, Contact(None, PHONE), "it is me")
    assert ("wa_id", vault.index("wa_id", PHONE)) in current(vault, owner.patient_id)
    assert current(vault, found.patient_id) == set()


def test_a_phone_leads_to_the_vault_that_is_known_by_it_alone(vault: Vault) -> None:
    owner = hears(vault, Contact(None, PHONE), "hello")
    assert hears(vault, Contact(None, PHONE), "hello").patient_id == owner.patient_id


def test_a_recycled_phone_is_a_new_patient(vault: Vault) -> None:
    old = hears(vault, Contact(BSUID, PHONE), "hello")
    new = hears(vault, Contact(NEW_BSUID, PHONE), "hello")
    assert new.patient_id != old.patient_id
    assert hears(vault, Contact(BSUID, None), "hello").patient_id == old.patient_id


def test_a_vault_known_by_phone_alone_stays_closed_to_the_phones_next_owner(vault: Vault) -> None:
    old = hears(vault, Contact(None, PHONE), "hello")
    new = hears(vault, Contact(NEW_BSUID, PHONE), "hello")
    assert new.patient_id != old.patient_id
    assert hears(vault, Contact(None, PHONE), "hello").patient_id not in (
        old.patient_id,
        new.patient_id,
    )


def test_a_hidden_phone_opens_nothing_any_more(vault: Vault) -> None:
    owner = hears(vault, Contact(BSUID, PHONE), "hello")
    hears(vault, Contact(BSUID, None), "I have a user name now")
    assert hears(vault, Contact(None, PHONE), "hello").patient_id != owner.patient_id


def test_identities_follow_the_contact_and_end_when_they_change(vault: Vault) -> None:
    patient = hears(vault, Contact(BSUID, PHONE), "hello")
    bsuid, phone = vault.index("bsuid", BSUID), vault.index("wa_id", PHONE)
    assert current(vault, patient.patient_id) == {("bsuid", bsuid), ("wa_id", phone)}
    hears(vault, Contact(BSUID, "919800000002"), "hello")
    assert current(vault, patient.patient_id) == {
        ("bsuid", bsuid),
        ("wa_id", vault.index("wa_id", "919800000002")),
    }
    ended = vault.one(
        "SELECT valid_to >= valid_from FROM identities WHERE blind_index = :i "
        "AND valid_to IS NOT NULL",
        i=phone,
    )
    assert ended is True


def test_an_identity_is_current_for_one_patient_only(vault: Vault) -> None:
    for bsuid in ("BS.1", "BS.2", "BS.3"):
        hears(vault, Contact(bsuid, PHONE), "hello")
    counted = vault.sql(
        "SELECT count(*) FROM identities WHERE valid_to IS NULL GROUP BY blind_index"
    )
    assert {number for (number,) in counted} == {1}
    assert len(counted) == 4


def test_two_patients_of_one_batch_may_show_the_same_phone(vault: Vault) -> None:
    contacts = [Contact("BS.1", PHONE), Contact("BS.2", PHONE)]
    subjects = [vault.subject(contact) for contact in contacts]
    vault.receive(*(vault.message(subject) for subject in subjects))
    with vault.database.begin() as work:
        claims = {one.subject: one for one in work.conversations.claim(subjects, vault.new_id)}
        states = [
            (claims[subject], Conversation(contact=contact))
            for subject, contact in zip(subjects, contacts, strict=True)
        ]
        work.conversations.save(states)
    last = claims[subjects[1]]
    assert ("wa_id", vault.index("wa_id", PHONE)) in current(vault, last.patient_id)


def test_a_linked_identity_opens_the_vault_and_the_old_one_no_longer(vault: Vault) -> None:
    old = hears(vault, Contact(BSUID, PHONE), "hello")
    link(vault, old, Contact(NEW_BSUID, None))
    assert hears(vault, Contact(NEW_BSUID, None), "hello").patient_id == old.patient_id
    assert hears(vault, Contact(BSUID, None), "hello").patient_id != old.patient_id


def test_what_waited_under_the_old_identity_follows_the_link(vault: Vault) -> None:
    old = hears(vault, Contact(BSUID, None), "hello")
    vault.receive(vault.message(old.subject, "changed"), vault.message(old.subject, "and now?"))
    with vault.database.begin() as work:
        [held] = work.conversations.claim([old.subject], vault.new_id)
        work.conversations.link(held, Contact(NEW_BSUID, None))
        work.inbox.finish([held.pending[0].seq], "handled")
    found = hears(vault, Contact(NEW_BSUID, None), "third")
    assert [update.content for update in found.pending] == [b"and now?", b"third"]


def test_an_empty_vault_is_given_up_for_the_one_it_belongs_to(vault: Vault) -> None:
    old = hears(vault, Contact(BSUID, None), "hello")
    early = hears(vault, Contact(NEW_BSUID, None), "here I am with my new number")
    vault.receive(vault.message(early.subject, "hello?"))
    link(vault, old, Contact(NEW_BSUID, None))
    found = hears(vault, Contact(NEW_BSUID, None), "hello again")
    assert found.patient_id == old.patient_id
    assert [update.content for update in found.pending] == [b"hello?", b"hello again"]
    assert subject_of(vault, early.patient_id) not in (early.subject, old.subject)


def test_a_vault_with_files_is_never_taken_over(vault: Vault) -> None:
    old = hears(vault, Contact(BSUID, None), "hello")
    other = hears(vault, Contact(NEW_BSUID, None), "hello")
    with vault.database.begin() as work:
        work.media.add(
            [NewFile(MediaId(vault.new_id()), other.patient_id, Attachment("handle", "image/png"))]
        )
    vault.receive(vault.message(old.subject, "changed"), vault.message(old.subject, "private"))
    with vault.database.begin() as work:
        [held] = work.conversations.claim([old.subject], vault.new_id)
        work.conversations.link(held, Contact(NEW_BSUID, None))
        work.inbox.finish([held.pending[0].seq], "handled")
    mine = hears(vault, Contact(BSUID, None), "still me")
    assert mine.patient_id == old.patient_id
    assert [update.content for update in mine.pending] == [b"private", b"still me"]
    theirs = hears(vault, Contact(NEW_BSUID, None), "me too")
    assert theirs.patient_id == other.patient_id
    assert [update.content for update in theirs.pending] == [b"me too"]


def test_who_is_locked_out_comes_back_to_a_locked_vault(vault: Vault) -> None:
    contact = Contact(BSUID, PHONE)
    patient = hears(vault, contact, "hello")
    vault.post(vault.letter(patient))
    with vault.database.begin() as work:
        work.conversations.lock_out([patient.patient_id])
    assert vault.one("SELECT state FROM outbox") == 55
    back = hears(vault, contact, "hello")
    assert back.patient_id == patient.patient_id
    assert back.state is not None
    assert back.state.lock is not None
    assert hears(vault, Contact(None, PHONE), "hello").patient_id != patient.patient_id


def test_a_lock_is_noted_with_its_time_and_ends_what_is_on_its_way(vault: Vault) -> None:
    patient, other = vault.patient(), vault.patient()
    vault.post(vault.letter(patient), vault.letter(other))
    since = datetime(2026, 11, 30, 9, 0, 0, 1, tzinfo=UTC)
    with vault.database.begin() as work:
        work.conversations.lock({patient.patient_id: since})
    states = dict(vault.sql("SELECT patient_id, state FROM outbox"))
    assert states == {patient.patient_id: 55, other.patient_id: 10}
    noted = "SELECT locked_at FROM conversations WHERE patient_id = :id"
    assert vault.one(noted, id=patient.patient_id) == since
    with vault.database.begin() as work:
        work.conversations.lock({patient.patient_id: None})
    assert vault.one(noted, id=patient.patient_id) is None
