"""The fate of messages, in whatever order statuses tell of it."""

from dataclasses import replace
from itertools import permutations
from uuid import UUID

import pytest

from medvault.domain.dead_letters import MAX_ATTEMPTS
from medvault.domain.identifiers import LetterId
from medvault.domain.outbound import SendState
from medvault.domain.updates import STATUSES
from medvault.ports import Queue
from medvault.ports.persistence import Claimed
from medvault.ports.transactions import Transaction
from support.clinic import webhooks
from support.clinic.clinic import Clinic
from support.clinic.webhooks import status, statuses

ANNA = "IN.anna"


def newest_letter(clinic: Clinic, user_id: str = ANNA) -> LetterId:
    statement = "SELECT id FROM outbox WHERE subject = %s ORDER BY seq DESC LIMIT 1"
    return LetterId(UUID(clinic.tables.one(statement, clinic.subject(user_id))))


def accepted_letter(clinic: Clinic) -> LetterId:
    """A message that the channel took, and has not reported on."""
    clinic.hears(ANNA, "hello")
    letter = newest_letter(clinic)
    clinic.tables.rows("UPDATE outbox SET state = 40 WHERE id = %s", letter)
    return letter


def requested_report(clinic: Clinic) -> LetterId:
    """A report's document on its way."""
    clinic.files_report(ANNA)
    clinic.hears(ANNA, "LIST", "GET 1")
    clinic.settle()
    document = "SELECT id FROM outbox WHERE report_id IS NOT NULL ORDER BY seq DESC LIMIT 1"
    letter = LetterId(UUID(clinic.tables.one(document)))
    clinic.tables.rows("UPDATE outbox SET state = 40 WHERE id = %s", letter)
    return letter


def state(clinic: Clinic, letter: UUID) -> SendState:
    return SendState(clinic.tables.one("SELECT state FROM outbox WHERE id = %s", letter))


def lane(clinic: Clinic) -> list[str | None]:
    statement = "SELECT outcome FROM inbox WHERE subject = %s ORDER BY seq"
    return clinic.tables.column(statement, STATUSES)


@pytest.mark.parametrize("order", list(permutations(("sent", "delivered", "read"))), ids="-".join)
def test_statuses_in_any_order_end_at_the_highest(clinic: Clinic, order: tuple[str, ...]) -> None:
    letter = accepted_letter(clinic)
    for name in order:
        clinic.receive(statuses(status(name, letter)))
        clinic.inbound.handle([STATUSES])
    assert state(clinic, letter) is SendState.READ
    assert lane(clinic) == ["applied"] * 3


def test_a_failure_yields_to_a_delivery_and_to_nothing_less(clinic: Clinic) -> None:
    letter = accepted_letter(clinic)
    clinic.receive(statuses(status("failed", letter, codes=[131026]), status("sent", letter)))
    clinic.inbound.handle([STATUSES])
    assert state(clinic, letter) is SendState.FAILED
    assert clinic.tables.one("SELECT code FROM outbox WHERE id = %s", letter) == 131026
    clinic.receive(statuses(status("delivered", letter)))
    clinic.inbound.handle([STATUSES])
    assert state(clinic, letter) is SendState.DELIVERED


def test_a_status_without_our_reference_is_matched_by_its_wamid(clinic: Clinic) -> None:
    letter = accepted_letter(clinic)
    index = clinic.base.index("wamid", "wamid.known")
    clinic.tables.rows("UPDATE outbox SET wamid = %s WHERE id = %s", index, letter)
    clinic.receive(statuses(status("read", None, "wamid.known")))
    clinic.inbound.handle([STATUSES])
    assert state(clinic, letter) is SendState.READ


def test_a_status_of_an_unknown_message_waits_an_hour_for_it(clinic: Clinic) -> None:
    clinic.receive(statuses(status("read", None, "wamid.early")))
    clinic.inbound.handle([STATUSES])
    assert lane(clinic) == [None]
    waits = "SELECT due_at > now() + interval '4 minutes' FROM inbox"
    assert clinic.tables.column(waits) == [True]
    letter = accepted_letter(clinic)
    index = clinic.base.index("wamid", "wamid.early")
    clinic.tables.rows("UPDATE outbox SET wamid = %s WHERE id = %s", index, letter)
    clinic.due()
    clinic.inbound.handle([STATUSES])
    assert lane(clinic) == ["applied"]
    assert state(clinic, letter) is SendState.READ


def test_after_an_hour_an_unmatched_status_is_let_go(clinic: Clinic) -> None:
    clinic.receive(statuses(status("read", None, "wamid.nobody")))
    clinic.tables.rows("UPDATE inbox SET received_at = now() - interval '61 minutes'")
    clinic.inbound.handle([STATUSES])
    assert lane(clinic) == ["unmatched"]


def test_a_status_that_says_nothing_of_use_is_kept_aside(clinic: Clinic) -> None:
    letter = accepted_letter(clinic)
    clinic.receive(statuses(status("warmed_up", letter), status("read", letter)), b"{}")
    clinic.inbound.handle([STATUSES])
    assert lane(clinic) == ["kept", "applied", "kept"]


def test_the_patient_is_told_once_that_a_report_did_not_arrive(clinic: Clinic) -> None:
    letter = requested_report(clinic)
    clinic.receive(statuses(status("failed", letter, codes=[131053])))
    clinic.receive(statuses(status("failed", letter, "wamid.again")))
    clinic.inbound.handle([STATUSES])
    clinic.receive(statuses(status("sent", letter)))
    clinic.inbound.handle([STATUSES])
    clinic.settle()
    told = [text for text in clinic.said(ANNA) if "could not send you that report" in text]
    assert len(told) == 1
    assert clinic.audit(ANNA).count("report.not_sent") == 1


def test_a_failure_for_another_identity_locks_the_vault(clinic: Clinic) -> None:
    letter = requested_report(clinic)
    clinic.receive(statuses(status("failed", letter, codes=[137000])))
    clinic.inbound.handle([STATUSES])
    clinic.settle()
    assert clinic.state(ANNA).lock is not None
    assert "locked" in clinic.said(ANNA)[-1]
    assert clinic.audit(ANNA)[-2:] == ["identity.locked", "report.not_sent"]


def knows_key(clinic: Clinic, key: str) -> None:
    """Has the vault know its patient by this identity key."""
    known = clinic.state(ANNA)
    assert known.contact is not None
    state = known._replace(contact=replace(known.contact, proof=key))
    with clinic.past_policies().begin(Transaction.CONVERSE) as work:
        claimed = Claimed(clinic.patient(ANNA), clinic.subject(ANNA), 0, known, ())
        work.conversations.save([(claimed, state)])


@pytest.mark.parametrize(
    ("shown", "locks"), [("key-2", True), ("key-1", False), (None, False)], ids=str
)
def test_a_message_that_reached_another_key_locks_the_vault(
    clinic: Clinic, shown: str | None, locks: bool
) -> None:
    clinic.hears(ANNA, "hello")
    knows_key(clinic, "key-1")
    letter = accepted_letter(clinic)
    told = status("delivered", letter)
    clinic.receive(statuses(told | {"recipient_identity_key_hash": shown} if shown else told))
    clinic.inbound.handle([STATUSES])
    clinic.settle()
    assert (clinic.state(ANNA).lock is not None) is locks
    assert ("locked" in clinic.said(ANNA)[-1]) is locks
    assert clinic.audit(ANNA).count("identity.locked") == locks


def test_a_late_status_of_an_earlier_key_is_no_doubt(clinic: Clinic) -> None:
    clinic.hears(ANNA, "hello")
    knows_key(clinic, "key-1")
    letter = accepted_letter(clinic)
    knows_key(clinic, "key-2")
    told = status("read", letter) | {"recipient_identity_key_hash": "key-1"}
    clinic.receive(statuses(told))
    clinic.inbound.handle([STATUSES])
    clinic.settle()
    assert clinic.state(ANNA).lock is None


def test_a_report_of_which_only_a_status_tells_is_in_the_audit_once(clinic: Clinic) -> None:
    letter = requested_report(clinic)
    clinic.tables.rows("UPDATE outbox SET state = 20, leased_at = now() WHERE id = %s", letter)
    for name in ("sent", "delivered"):
        clinic.receive(statuses(status(name, letter)))
        clinic.inbound.handle([STATUSES])
    assert clinic.audit(ANNA).count("report.sent") == 1


def test_each_lost_document_of_a_report_is_told(clinic: Clinic) -> None:
    for _ in range(2):
        letter = requested_report(clinic)
        clinic.receive(statuses(status("failed", letter, f"wamid.{letter}")))
        clinic.inbound.handle([STATUSES])
        clinic.settle()
    assert clinic.audit(ANNA).count("report.not_sent") == 2


def test_a_text_that_failed_is_not_spoken_of(clinic: Clinic) -> None:
    letter = accepted_letter(clinic)
    clinic.receive(statuses(status("failed", letter, codes=[131026])))
    clinic.inbound.handle([STATUSES])
    clinic.settle()
    assert len(clinic.said(ANNA)) == 1


_REFUSES_CODE_666 = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'refused'; END $$;
CREATE TRIGGER refuse BEFORE UPDATE ON outbox FOR EACH ROW WHEN (NEW.code = 666)
    EXECUTE FUNCTION refuse()
"""


def test_a_status_that_the_database_refuses_holds_up_no_other(clinic: Clinic) -> None:
    letter = accepted_letter(clinic)
    clinic.tables.rows(_REFUSES_CODE_666)
    clinic.receive(
        statuses(
            status("failed", letter, codes=[666]),
            status("sent", letter),
            status("read", letter),
        ),
        webhooks.text(ANNA, "wamid.text", "HELP"),
    )
    sweeps = [clinic.inbound.handle_suspects] * (MAX_ATTEMPTS - 1)
    for handle in (clinic.inbound.handle, *sweeps):
        assert lane(clinic)[0] is None
        handle([STATUSES, clinic.subject(ANNA)])
        assert state(clinic, letter) is SendState.READ
        assert lane(clinic)[1:] == ["applied", "applied"]
        clinic.due()
    assert lane(clinic)[0] == "dead"
    assert len(clinic.said(ANNA)) == 2


def test_more_statuses_than_one_transaction_takes_are_all_applied(clinic: Clinic) -> None:
    letter = accepted_letter(clinic)
    many = [status("sent", letter) | {"timestamp": str(n)} for n in range(1100)]
    clinic.receive(statuses(*many))
    clinic.inbound.handle([STATUSES])
    assert set(lane(clinic)) == {"applied"}


def test_a_long_lane_gets_a_turn_behind_the_patients_and_another_one_later(clinic: Clinic) -> None:
    letter = accepted_letter(clinic)
    many = [status("sent", letter) | {"timestamp": str(n)} for n in range(2100)]
    clinic.receive(statuses(*many[:1050]), statuses(*many[1050:]))
    clinic.receive(webhooks.text("IN.ben", "wamid.ben", "HELP"))
    clinic.waker.forget()
    clinic.inbound.handle([STATUSES, clinic.subject("IN.ben")])
    assert len(clinic.said("IN.ben")) == 1
    assert lane(clinic).count("applied") == 2048
    assert clinic.waker.take(Queue.INBOUND) == [STATUSES]
    clinic.inbound.handle([STATUSES])
    assert lane(clinic).count("applied") == 2100
    assert clinic.waker.take(Queue.INBOUND) == []
