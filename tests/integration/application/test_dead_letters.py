"""The actions of administrators on dead letters: again and again, and in the audit."""

import json
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from medvault.application.dead_letters import DeadLetterDesk
from medvault.application.intake import webhook_id
from medvault.bootstrap.desk import make_dead_letter_desk
from medvault.domain.dead_letters import MAX_ATTEMPTS, Failure, Kind, Reason, RequestOutcome
from medvault.domain.errors import Permanent
from medvault.domain.identifiers import NOBODY, LetterId, VaultId
from medvault.domain.place import Place
from medvault.ports.transactions import Transaction
from support.clinic import webhooks
from support.clinic.clinic import Clinic

ANNA, BEN = "IN.anna", "IN.ben"
NOTES = "SELECT id, patient_id, action, note FROM audit WHERE note IS NOT NULL ORDER BY at, id"


@pytest.fixture
def desk(clinic: Clinic) -> DeadLetterDesk:
    return make_dead_letter_desk(clinic.base)


def poisoned(clinic: Clinic, user_id: str = ANNA) -> UUID:
    """A message that died, with its id."""
    clinic.hears(user_id, "hello")
    clinic.receive(webhooks.poison(user_id, clinic.wamid()))
    for _ in range(MAX_ATTEMPTS):
        clinic.inbound.handle([clinic.subject(user_id)])
        clinic.due()
    newest = "SELECT id FROM dead_letters ORDER BY died_at DESC LIMIT 1"
    return UUID(clinic.tables.one(newest))


def spoilt(clinic: Clinic, *bodies: bytes) -> UUID:
    """A webhook that died in `intake`, with its id."""
    sealed = [clinic.base.sealer.seal(body, Place.webhook()) for body in bodies]
    buried(clinic, sealed)
    return webhook_id(sealed[0])


def buried(clinic: Clinic, webhooks: Sequence[bytes]) -> None:
    with clinic.database.begin(Transaction.BURY_SPILLED) as work:
        for one in webhooks:
            work.dead_letters.bury_webhook(webhook_id(one), one, Failure(Reason.RAISED, "Poison"))


def notes(clinic: Clinic) -> list[tuple[UUID, str, dict[str, str]]]:
    """Patient, action and opened note of what administrators did."""
    return [
        (
            UUID(patient_id),
            action,
            json.loads(
                clinic.base.sealer.open(
                    bytes(note), Place.note(UUID(id), VaultId(UUID(patient_id)))
                )
            ),
        )
        for id, patient_id, action, note in clinic.tables.rows(NOTES)
    ]


def test_a_dead_letter_is_listed_with_its_reason_and_without_its_content(
    clinic: Clinic, desk: DeadLetterDesk
) -> None:
    id = poisoned(clinic)
    [letter] = desk.listed()
    assert (letter.id, letter.kind, letter.reason) == (id, Kind.UPDATE, "unreadable")
    assert letter.attempts == MAX_ATTEMPTS
    assert letter.error == "Permanent"
    assert desk.show(id) == letter
    assert not notes(clinic)


def test_lists_are_narrowed_by_kind_and_age(clinic: Clinic, desk: DeadLetterDesk) -> None:
    message, webhook = poisoned(clinic), spoilt(clinic, webhooks.text(BEN, "wamid.b", "hello"))
    clinic.tables.rows(
        "UPDATE dead_letters SET died_at = now() - interval '1 hour' WHERE id = %s", webhook
    )
    assert [letter.id for letter in desk.listed()] == [webhook, message]
    assert [letter.id for letter in desk.listed(Kind.UPDATE)] == [message]
    assert [letter.id for letter in desk.listed(None, timedelta(minutes=59))] == [webhook]


def test_a_content_is_revealed_once_the_audit_has_who_and_why(
    clinic: Clinic, desk: DeadLetterDesk
) -> None:
    id = poisoned(clinic)
    shown = desk.reveal(id, "the admin", "the patient asked")
    assert '"type":"text"' in shown.decode().replace(" ", "")
    said = {"by": "the admin", "reason": "the patient asked", "dead_letter": str(id)}
    [(patient_id, action, note)] = notes(clinic)
    assert (patient_id, action) == (clinic.patient(ANNA), "dead_letter.revealed")
    assert note == said | {"kind": "update"}


def test_what_can_not_be_audited_is_not_revealed(clinic: Clinic, desk: DeadLetterDesk) -> None:
    id = poisoned(clinic)
    clinic.tables.rows("ALTER TABLE audit ADD CONSTRAINT full_up CHECK (note IS NULL) NOT VALID")
    with pytest.raises(Exception, match="23514"):
        desk.reveal(id, "the admin", "curiosity")


def test_what_administrators_do_is_linked_into_the_chain_with_its_note(
    clinic: Clinic, desk: DeadLetterDesk
) -> None:
    desk.discard(poisoned(clinic), "the admin", "a test")
    desk.discard(spoilt(clinic, webhooks.text(BEN, "wamid.b", "hi")), "the admin", "a test")
    clinic.maintenance().tick()
    assert clinic.tables.column("SELECT audit_id FROM audit_unlinked") == []
    assert {patient_id for patient_id, *_ in notes(clinic)} == {clinic.patient(ANNA), NOBODY}


def test_a_message_is_replayed_once_and_dies_again_if_its_cause_is_still_there(
    clinic: Clinic, desk: DeadLetterDesk
) -> None:
    id = poisoned(clinic)
    assert desk.replay(id, "the admin") is RequestOutcome.REPLAYED
    assert desk.replay(id, "the admin") is RequestOutcome.ENDED_BEFORE
    assert desk.listed() == []
    attempts = "SELECT attempts FROM inbox WHERE done_at IS NULL"
    assert clinic.tables.column(attempts) == [0]
    for _ in range(MAX_ATTEMPTS):
        assert desk.listed() == []
        clinic.inbound.handle([clinic.subject(ANNA)])
        clinic.due()
    [letter] = desk.listed()
    assert (letter.id, letter.attempts) == (id, MAX_ATTEMPTS)


def test_what_is_replayed_comes_after_what_was_handled_meanwhile(
    clinic: Clinic, desk: DeadLetterDesk
) -> None:
    clinic.hears(ANNA, "hello")
    clinic.tables.rows("ALTER TABLE media ADD CONSTRAINT none CHECK (state <> 'wanted') NOT VALID")
    clinic.receive(webhooks.document(ANNA, "wamid.file", "7"))
    clinic.receive(webhooks.text(ANNA, "wamid.help", "HELP"))
    for _ in range(MAX_ATTEMPTS + 1):
        clinic.inbound.handle([clinic.subject(ANNA)])
        clinic.due()
    assert "What I can do" in clinic.said(ANNA)[-1]
    clinic.tables.rows("ALTER TABLE media DROP CONSTRAINT none")
    [letter] = desk.listed()
    assert letter.error == "DatabaseRefused"
    assert desk.replay(letter.id, "the admin") is RequestOutcome.REPLAYED
    clinic.inbound.handle([clinic.subject(ANNA)])
    clinic.settle()
    assert "I have your file" in clinic.said(ANNA)[-1]
    assert clinic.tables.one("SELECT count(*) FROM media") == 1


def test_a_webhook_is_replayed_into_the_inbox_and_known_updates_stay(
    clinic: Clinic, desk: DeadLetterDesk
) -> None:
    body = webhooks.text(ANNA, "wamid.a", "hello")
    id = spoilt(clinic, body)
    clinic.receive(body)
    assert desk.replay(id, "the admin") is RequestOutcome.REPLAYED
    assert desk.replay(id, "the admin") is RequestOutcome.ENDED_BEFORE
    assert len(clinic.pending()) == 1
    assert clinic.tables.column("SELECT content FROM dead_letters") == [None]


def test_a_webhook_that_can_not_be_opened_stays_where_it_is(
    clinic: Clinic, desk: DeadLetterDesk
) -> None:
    buried(clinic, [b"sealed by nobody"])
    id = webhook_id(b"sealed by nobody")
    assert desk.replay(id, "the admin") is RequestOutcome.IMPOSSIBLE
    with pytest.raises(Permanent):
        desk.reveal(id, "the admin", "curiosity")
    assert [letter.id for letter in desk.listed()] == [id]


def test_a_discarded_one_has_no_content_any_more_and_never_comes_back(
    clinic: Clinic, desk: DeadLetterDesk
) -> None:
    ids = [poisoned(clinic), spoilt(clinic, webhooks.text(BEN, "wamid.b", "hi"))]
    for id in ids:
        assert desk.discard(id, "the admin", "useless") is RequestOutcome.DISCARDED
        assert desk.discard(id, "the admin", "useless") is RequestOutcome.ENDED_BEFORE
        assert desk.replay(id, "the admin") is RequestOutcome.ENDED_BEFORE
        with pytest.raises(Permanent, match="no content"):
            desk.reveal(id, "the admin", "curiosity")
    assert clinic.tables.column("SELECT content FROM inbox WHERE outcome = 'discarded'") == [None]
    assert len(notes(clinic)) == 2


def test_a_reply_is_not_replayed_to_an_identity_that_changed(
    clinic: Clinic, desk: DeadLetterDesk
) -> None:
    clinic.hears(ANNA, "hello")
    id = LetterId(UUID(clinic.tables.one("SELECT id FROM outbox ORDER BY seq DESC LIMIT 1")))
    clinic.tables.rows("UPDATE outbox SET state = 55")
    with clinic.past_policies().begin(Transaction.SETTLE_LETTERS) as work:
        work.dead_letters.bury_replies({id: Failure(Reason.REFUSED, "131000")})
    clinic.tables.rows("UPDATE conversations SET locked_at = now()")
    assert desk.replay(id, "the admin") is RequestOutcome.IMPOSSIBLE
    clinic.tables.rows("UPDATE conversations SET locked_at = NULL")
    assert desk.replay(id, "the admin") is RequestOutcome.REPLAYED
    assert clinic.tables.one("SELECT state FROM outbox WHERE id = %s", id) == 10


def test_an_unknown_id_is_nobodys(desk: DeadLetterDesk) -> None:
    assert desk.show(uuid4()) is None
    assert desk.replay(uuid4(), "the admin") is RequestOutcome.UNKNOWN
    assert desk.discard(uuid4(), "the admin", "useless") is RequestOutcome.UNKNOWN
    with pytest.raises(Permanent, match="no content"):
        desk.reveal(uuid4(), "the admin", "curiosity")
