"""One patient at a time, in order, once, no matter which wake-up reaches which worker."""

import json
import random
import threading
from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest

from medvault.domain.dead_letters import MAX_ATTEMPTS
from medvault.domain.identifiers import LaneId
from medvault.domain.updates import STATUSES
from medvault.observability import metrics
from medvault.ports import Queue
from medvault.ports.transactions import Transaction
from support.clinic import webhooks
from support.clinic.clinic import Clinic

ANNA, BEN, CARA = "IN.anna", "IN.ben", "IN.cara"

REFUSING = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'check_violation'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON outbox FOR EACH ROW
    WHEN (NEW.subject = '{subject}') EXECUTE FUNCTION refuse();
"""


def attempts(clinic: Clinic) -> list[int]:
    return clinic.tables.column("SELECT attempts FROM inbox WHERE done_at IS NULL ORDER BY seq")


def outcomes(clinic: Clinic, user_id: str) -> list[str | None]:
    statement = "SELECT outcome FROM inbox WHERE subject = %s ORDER BY seq"
    return clinic.tables.column(statement, clinic.subject(user_id))


def in_threads(clinic: Clinic, batches: Sequence[Sequence[LaneId]], count: int = 8) -> None:
    """Handles batches of wake-ups in threads, each thread in an order of its own."""
    failures: list[BaseException] = []

    def work(seed: int) -> None:
        mine = list(batches)
        random.Random(seed).shuffle(mine)
        try:
            for batch in mine:
                clinic.inbound.handle(batch)
        except BaseException as failure:  # noqa: BLE001 (shown below)
            failures.append(failure)

    threads = [threading.Thread(target=work, args=[seed]) for seed in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def confirming(clinic: Clinic, user_id: str) -> None:
    """Brings a patient to where "date" and a date lead in circles, each echoed."""
    clinic.gets_file(user_id)
    clinic.settle()
    clinic.hears(user_id, "2 May 2019", "Apollo Clinic", "Lab test")


def bodies(clinic: Clinic, user_id: str) -> list[str]:
    return [json.loads(letter)["content"]["body"] for letter in clinic.said(user_id)]


def test_hundreds_of_messages_of_tens_of_patients_keep_their_order(clinic: Clinic) -> None:
    users = [f"IN.user{n}" for n in range(24)]
    for user in (ANNA, *users):
        confirming(clinic, user)
    circle = [text for day in range(3, 10) for text in ("date", f"{day} May 2019")]
    for text in circle:
        clinic.hears(ANNA, text)
    subjects = [clinic.subject(user) for user in users]
    dice = random.Random(7)
    batches = [dice.sample(subjects, dice.randint(1, 24)) for _ in range(30)]
    posted = [webhooks.text(user, f"wamid.{user}.{n}", text)
              for n, text in enumerate(circle) for user in users]  # fmt: skip

    def post() -> None:
        for body in posted:
            clinic.receive(body)

    poster = threading.Thread(target=post)
    poster.start()
    in_threads(clinic, batches)
    poster.join()
    in_threads(clinic, [subjects], count=2)
    assert set(clinic.tables.column("SELECT outcome FROM inbox")) == {"handled"}
    expected = bodies(clinic, ANNA)
    assert sum("3 May 2019" in body for body in expected) == 1
    for user in users:
        assert bodies(clinic, user) == expected
        assert clinic.audit(user) == clinic.audit(ANNA)
        assert clinic.state(user).turn == clinic.state(ANNA).turn


def test_a_message_that_comes_while_its_conversation_is_held_is_handled_by_the_holder(
    clinic: Clinic,
) -> None:
    clinic.hears(ANNA, "hello")
    with clinic.database.begin(Transaction.CONVERSE) as work:
        work.conversations.claim([clinic.subject(ANNA)], uuid4)
        clinic.hears(ANNA, "LIST")
        assert len(clinic.pending()) == 1
    clinic.inbound.handle([clinic.subject(ANNA)])
    assert not clinic.pending()


def test_a_message_that_came_after_the_claim_is_found_by_looking_again(clinic: Clinic) -> None:
    clinic.hears(ANNA, "hello")
    late = iter([webhooks.text(ANNA, "wamid.late", "LIST")])
    handled = clinic.waker.wake

    def wake(queue: Queue, ids: Sequence[UUID]) -> None:
        handled(queue, ids)
        for body in late:
            clinic.receive(body)

    clinic.waker.wake = wake  # type: ignore[method-assign]
    clinic.hears(ANNA, "HELP")
    assert outcomes(clinic, ANNA) == ["handled", "handled", "handled"]


def test_a_poisonous_message_is_tried_five_times_and_then_set_aside(clinic: Clinic) -> None:
    clinic.hears(ANNA, "hello")
    clinic.receive(
        webhooks.text(ANNA, "wamid.a", "LIST"),
        webhooks.poison(ANNA, "wamid.b"),
        webhooks.text(ANNA, "wamid.c", "LIST"),
        webhooks.text(BEN, "wamid.d", "hello"),
    )
    subjects = [clinic.subject(ANNA), clinic.subject(BEN)]
    for attempt in range(1, MAX_ATTEMPTS):
        clinic.inbound.handle(subjects)
        assert outcomes(clinic, BEN) == ["handled"]
        assert outcomes(clinic, ANNA) == ["handled", "handled", None, None]
        assert attempts(clinic) == [attempt, 0]
        clinic.inbound.handle(subjects)
        assert attempts(clinic) == [attempt, 0], "tried before it was due"
        clinic.due()
    clinic.inbound.handle(subjects)
    assert outcomes(clinic, ANNA) == ["handled", "handled", "dead", "handled"]
    kept = "SELECT content IS NOT NULL FROM inbox WHERE outcome = 'dead'"
    assert clinic.tables.column(kept) == [True]
    assert len(clinic.said(ANNA)) == 3


def test_behind_a_message_that_waits_nobody_turns_in_circles(clinic: Clinic) -> None:
    clinic.hears(ANNA, "hello")
    clinic.receive(webhooks.poison(ANNA, "wamid.b"), webhooks.text(ANNA, "wamid.c", "LIST"))
    begun = []
    begin = clinic.database.begin
    clinic.database.begin = lambda name: begun.append(name) or begin(name)  # type: ignore[func-returns-value,method-assign]
    for _ in range(3):
        clinic.inbound.handle([clinic.subject(ANNA)])
    assert len(begun) <= 6


def test_a_state_that_nobody_can_open_is_set_aside_and_its_patient_answered(clinic: Clinic) -> None:
    clinic.hears(ANNA, "hello")
    clinic.hears(BEN, "hello")
    sealed = clinic.tables.one(
        "SELECT sealed FROM conversations WHERE subject = %s", clinic.subject(BEN)
    )
    forged = "UPDATE conversations SET sealed = %s WHERE subject = %s"
    clinic.tables.rows(forged, bytes(sealed), clinic.subject(ANNA))
    clinic.receive(webhooks.text(ANNA, "wamid.a", "LIST"), webhooks.text(BEN, "wamid.b", "LIST"))
    subjects = [clinic.subject(ANNA), clinic.subject(BEN)]
    for _ in range(MAX_ATTEMPTS):
        assert outcomes(clinic, ANNA)[-1] is None
        clinic.inbound.handle(subjects)
        assert outcomes(clinic, BEN)[-1] == "handled"
        clinic.due()
    assert outcomes(clinic, ANNA)[-1] == "handled"
    assert clinic.state(ANNA).contact is not None
    assert clinic.state(ANNA).lock is not None
    assert clinic.state(ANNA).turn > 10**9, "buttons of before fit questions again"
    locked = "SELECT locked_at IS NOT NULL FROM conversations WHERE subject = %s"
    assert clinic.tables.one(locked, clinic.subject(ANNA))
    kept = "SELECT id, kind, reason, attempts, content FROM dead_letters"
    [(id, *how, state)] = clinic.tables.rows(kept)
    assert (UUID(id), *how) == (clinic.patient(ANNA), "conversation", "state_unreadable", 5)
    assert bytes(state) == bytes(sealed)
    clinic.hears(ANNA, "LIST")
    assert outcomes(clinic, ANNA)[-1] == "handled"


def test_an_error_of_the_database_is_one_conversations_affair(clinic: Clinic) -> None:
    users = [f"IN.user{n}" for n in range(5)]
    for user in users:
        clinic.hears(user, "hello")
    clinic.tables.rows(REFUSING.format(subject=clinic.subject(users[2])))
    clinic.receive(*(webhooks.text(user, f"wamid.{user}", "LIST") for user in users))
    subjects = [clinic.subject(user) for user in users]
    for attempt in range(1, MAX_ATTEMPTS):
        clinic.inbound.handle(subjects)
        assert attempts(clinic) == [attempt]
        clinic.due()
    clinic.tables.rows("DROP TRIGGER refuse ON outbox")
    clinic.inbound.handle(subjects)
    assert all(outcomes(clinic, user) == ["handled", "handled"] for user in users)
    assert {len(clinic.said(user)) for user in users} == {2}


def test_of_several_messages_only_the_one_that_the_database_refuses_is_blamed(
    clinic: Clinic,
) -> None:
    clinic.hears(ANNA, "hello")
    clinic.tables.rows(
        "ALTER TABLE audit ADD CONSTRAINT no_lists CHECK (action <> 'file.received') NOT VALID"
    )
    clinic.receive(
        webhooks.text(ANNA, "wamid.a", "HELP"),
        webhooks.text(ANNA, "wamid.b", "HELP"),
        webhooks.document(ANNA, "wamid.c", "7"),
        webhooks.text(ANNA, "wamid.d", "HELP"),
    )
    for _ in range(MAX_ATTEMPTS):
        clinic.inbound.handle([clinic.subject(ANNA)])
        clinic.due()
    clinic.inbound.handle([clinic.subject(ANNA)])
    assert outcomes(clinic, ANNA)[1:] == ["handled", "handled", "dead", "handled"]
    assert not clinic.tables.column("SELECT id FROM media")


def test_a_wake_up_for_nobody_makes_no_patient(clinic: Clinic) -> None:
    clinic.inbound.handle([LaneId(uuid4()), STATUSES, LaneId(uuid4())])
    assert clinic.tables.column("SELECT id FROM patients") == []
    assert clinic.tables.column("SELECT subject FROM conversations") == []


def test_a_message_that_comes_twice_has_one_effect(clinic: Clinic) -> None:
    body = webhooks.text(ANNA, "wamid.a", "hello")
    clinic.receive(body, body)
    clinic.inbound.handle([clinic.subject(ANNA)])
    clinic.receive(body)
    clinic.inbound.handle([clinic.subject(ANNA)])
    assert outcomes(clinic, ANNA) == ["handled"]
    assert len(clinic.said(ANNA)) == 1


def test_the_cache_gets_what_was_committed(clinic: Clinic) -> None:
    clinic.hears(ANNA, "hello")
    patient_id = clinic.patient(ANNA)
    first = clinic.cache.fetch([patient_id])[patient_id]
    clinic.gets_file(ANNA)
    second = clinic.cache.fetch([patient_id])[patient_id]
    assert second.version == first.version + 1
    statement = "SELECT version, sealed FROM conversations WHERE patient_id = %s"
    ((version, sealed),) = clinic.tables.rows(statement, patient_id)
    assert (version, bytes(sealed)) == (second.version, second.sealed)


def test_what_was_parked_goes_when_the_patient_writes_and_not_when_a_check_ends(
    clinic: Clinic,
) -> None:
    media_id = clinic.gets_file(ANNA)
    clinic.hears(BEN, "hello")
    clinic.tables.rows("UPDATE outbox SET state = 5")
    clinic.media().process(media_id)
    clinic.settle()
    parked = "SELECT count(*) FROM outbox WHERE state = 5 AND subject = %s"
    waiting = clinic.tables.one(parked, clinic.subject(ANNA))
    assert waiting > 0
    clinic.hears(ANNA, "HELP")
    assert clinic.tables.one(parked, clinic.subject(ANNA)) == 0
    assert clinic.tables.one(parked, clinic.subject(BEN)) == 1


def test_a_new_identity_finds_the_vault_and_the_old_one_an_empty_one(clinic: Clinic) -> None:
    clinic.files_report(ANNA)
    patient_id = clinic.patient(ANNA)
    clinic.receive(webhooks.moved(ANNA, "wamid.moved", CARA))
    clinic.inbound.handle([clinic.subject(ANNA)])
    assert clinic.patient(CARA) == patient_id
    clinic.hears(ANNA, "LIST")
    assert clinic.patient(ANNA) != patient_id
    assert "empty" in clinic.said(ANNA)[-1]


@pytest.mark.parametrize(("writer", "reasons"), [(BEN, ["foreign"]), (ANNA, [])])
def test_a_stranger_who_meets_a_state_that_nobody_can_open_is_counted_and_in_the_audit(
    clinic: Clinic, writer: str, reasons: list[str]
) -> None:
    clinic.files_report(ANNA)
    vault, before = clinic.patient(ANNA), metrics.foreign_updates._value.get()
    clinic.tables.rows(
        "UPDATE conversations SET sealed = '\\x00', subject = %s WHERE patient_id = %s",
        clinic.subject(writer),
        vault,
    )
    clinic.hears(writer, "LIST")
    for _ in range(MAX_ATTEMPTS):
        clinic.due()
        clinic.inbound.handle_suspects([clinic.subject(writer)])
    assert clinic.pending() == []
    updates = "SELECT reason FROM dead_letters WHERE kind = 'update'"
    assert clinic.tables.column(updates) == reasons
    assert metrics.foreign_updates._value.get() == before + len(reasons)
    entries = "SELECT count(*) FROM audit WHERE patient_id = %s AND action = 'message.foreign'"
    assert clinic.tables.one(entries, vault) == len(reasons)
