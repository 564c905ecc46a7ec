"""Above a quota work waits: nothing is lost, order is kept, and the patient hears of it once."""

import json
from datetime import timedelta
from uuid import UUID

import pytest

from medvault.bootstrap import inbound
from medvault.bootstrap.inbound import make_inbound
from medvault.domain.errors import Expired
from medvault.domain.quotas import Bucket, Quotas, Used
from medvault.domain.saying import wording
from medvault.ports import Queue
from medvault.ports.transactions import Transaction
from support.clinic import webhooks
from support.clinic.clinic import Clinic

ANNA, BEN = "IN.anna", "IN.ben"
UNLIMITED = Bucket(0, timedelta(minutes=1))
FEW_MESSAGES = Quotas(messages=Bucket(24, timedelta(minutes=1)), open_replies=0)
FEW_REPLIES = Quotas(messages=UNLIMITED, open_replies=16)


def grants(clinic: Clinic, quotas: Quotas, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has patients be granted this much."""
    monkeypatch.setattr(inbound, "make_quotas", lambda _: quotas)
    clinic.inbound = make_inbound(clinic.base, clinic.cache, clinic.waker)


def flood(clinic: Clinic, user_id: str, messages: int, *texts: str) -> None:
    """Texts at once, none of them handled yet."""
    said = texts or ("HELP",)
    clinic.receive(
        *(webhooks.text(user_id, clinic.wamid(), said[n % len(said)]) for n in range(messages))
    )


def describes(clinic: Clinic, user_id: str) -> tuple[str, str]:
    """Has a patient be asked to confirm; returns what they may say for ever, always answered anew.

    Each question has a number of its own, so that no two answers are equal.
    """
    clinic.gets_file(user_id)
    clinic.settle()
    clinic.hears(user_id, "2 May 2019", "Apollo Clinic", "Lab test")
    sends_all(clinic)
    return "date", "3 May 2019"


def bodies(clinic: Clinic, user_id: str) -> list[str]:
    return [json.loads(letter)["content"].get("body", "") for letter in clinic.said(user_id)]


def sends_all(clinic: Clinic) -> None:
    """Has every reply leave."""
    clinic.tables.rows("UPDATE outbox SET state = 40 WHERE state < 40")


@pytest.mark.parametrize("quotas", [FEW_MESSAGES, FEW_REPLIES], ids=["messages", "replies"])
def test_a_flood_waits_in_the_inbox_and_delays_nobody_else(
    clinic: Clinic, quotas: Quotas, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = describes(clinic, ANNA)
    grants(clinic, quotas, monkeypatch)
    flood(clinic, ANNA, 120, *texts)
    clinic.inbound.handle([clinic.subject(ANNA)])
    waiting = len(clinic.pending())
    assert 60 < waiting < 120
    clinic.hears(BEN, "HELP")
    assert len(clinic.pending()) == waiting
    assert len(bodies(clinic, BEN)) == 1
    told = [body for body in bodies(clinic, ANNA) if body == wording.MESSAGES_WAIT]
    assert len(told) == 1
    clinic.inbound.handle([clinic.subject(ANNA)])
    assert len(clinic.pending()) == waiting, "the time has not come"


def test_open_replies_are_bounded_and_all_is_answered_as_they_leave(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = describes(clinic, ANNA)
    before = len(bodies(clinic, ANNA))
    grants(clinic, FEW_REPLIES, monkeypatch)
    flood(clinic, ANNA, 150, *texts)
    clinic.inbound.handle([clinic.subject(ANNA)])
    most = 0
    for _ in range(20):
        most = max(most, clinic.tables.one("SELECT count(*) FROM outbox WHERE state < 40"))
        if not clinic.pending():
            break
        sends_all(clinic)
        clinic.due()
        clinic.inbound.handle_suspects([clinic.subject(ANNA)])
    assert clinic.pending() == []
    assert most <= 16 + 32, "one look at the inbox takes 32 messages"
    assert clinic.tables.column("SELECT DISTINCT outcome FROM inbox") == ["handled"]
    assert bodies(clinic, ANNA).count(wording.MESSAGES_WAIT) == 1
    assert len(bodies(clinic, ANNA)) == before + 151


@pytest.mark.parametrize("quota", [16, 0], ids=["merged", "without a quota"])
def test_equal_replies_are_sent_once_above_the_quota_and_the_last_stays(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, quota: int
) -> None:
    grants(clinic, Quotas(messages=UNLIMITED, open_replies=quota), monkeypatch)
    flood(clinic, ANNA, 300, "HELP", "HELP", "LIST")
    flood(clinic, ANNA, 1, "TODAY")
    clinic.inbound.handle([clinic.subject(ANNA)])
    assert clinic.pending() == [], "what only repeats itself need not wait"
    left = clinic.opened_letters("state = 10")
    assert (len(left) <= 16 + 32) is bool(quota), "the control sends all of them"
    assert wording.HINT in left[-1]
    assert not any(wording.MESSAGES_WAIT in letter for letter in left)


def test_a_reply_that_may_have_left_is_not_withdrawn(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    grants(clinic, FEW_REPLIES, monkeypatch)
    flood(clinic, ANNA, 16)
    clinic.inbound.handle([clinic.subject(ANNA)])
    clinic.tables.rows("UPDATE outbox SET state = 20 WHERE state = 10")
    leaving = clinic.tables.one("SELECT count(*) FROM outbox WHERE state = 20")
    flood(clinic, ANNA, 48)
    clinic.inbound.handle([clinic.subject(ANNA)])
    assert clinic.tables.one("SELECT count(*) FROM outbox WHERE state = 20") == leaving
    assert clinic.pending() != []


def test_what_waits_is_no_try_however_often_it_is_looked_at(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = describes(clinic, ANNA)
    grants(clinic, FEW_REPLIES, monkeypatch)
    flood(clinic, ANNA, 60, *texts)
    clinic.inbound.handle([clinic.subject(ANNA)])
    waiting = clinic.pending()
    assert waiting
    for _ in range(8):
        clinic.due()
        clinic.inbound.handle_suspects([clinic.subject(ANNA)])
    assert clinic.pending() == waiting
    assert max(clinic.tables.column("SELECT attempts FROM inbox WHERE done_at IS NULL")) <= 1
    assert clinic.tables.rows("SELECT * FROM dead_letters") == []


def test_whoever_waits_for_a_quota_is_not_late(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    grants(clinic, FEW_MESSAGES, monkeypatch)
    flood(clinic, ANNA, 80)
    clinic.inbound.handle([clinic.subject(ANNA)])
    assert clinic.pending()
    clinic.tables.rows("UPDATE inbox SET received_at = received_at - interval '1 hour'")
    with clinic.database.begin(Transaction.FIND_UPDATES) as work:
        assert work.inbox.lag_seconds() == 0


def used_up(clinic: Clinic, user_id: str) -> None:
    """Has a patient have sent more than a day's files."""
    with clinic.database.begin(Transaction.STORE_FILE) as work:
        work.accounts.charge(clinic.patient(user_id), Used(files=1100), Quotas())


def test_above_a_quota_a_file_waits_and_its_patient_is_told_when_it_goes_on(
    clinic: Clinic,
) -> None:
    isolation = clinic.isolation()
    files = [clinic.gets_file(ANNA) for _ in range(3)]
    used_up(clinic, ANNA)
    for id in files:
        assert not isolation.process(id)
        clinic.inbound.handle(clinic.waker.take(Queue.INBOUND))
    assert clinic.source.fetched == []
    first, _, rest = wording.FILES_WAIT.partition("{time}")
    told = [body for body in bodies(clinic, ANNA) if first in body]
    assert len(told) == 1
    assert told[0].endswith(rest)
    clinic.tables.rows("UPDATE accounts SET files_until = now() + interval '1 hour'")
    clinic.due()
    assert [isolation.process(id) for id in files] == [True] * 3
    assert clinic.tables.column("SELECT state FROM media") == ["checked"] * 3


def test_a_patient_above_a_quota_still_gets_reports_and_has_confirmed_ones_filed(
    clinic: Clinic,
) -> None:
    isolation = clinic.isolation()
    clinic.files_report(ANNA)
    clinic.gets_file(ANNA)
    clinic.settle()
    used_up(clinic, ANNA)
    clinic.hears(ANNA, "2 May 2019", "Apollo Clinic", "Lab test", "YES", "LIST", "GET 1")
    for _ in range(2):
        assert isolation.process(UUID(int=0))
    assert clinic.tables.column("SELECT state FROM media") == ["filed"] * 2
    assert len(clinic.source.uploaded) == 1


def test_a_file_that_waited_for_longer_than_whatsapp_keeps_it_is_refused_by_name(
    clinic: Clinic,
) -> None:
    id = clinic.gets_file(ANNA)
    used_up(clinic, ANNA)
    assert not clinic.isolation().process(id)
    clinic.tables.rows("UPDATE media SET created_at = now() - interval '170 hours'")
    clinic.source.error = Expired("gone")
    clinic.due()
    clinic.settle()
    assert clinic.tables.rows("SELECT state, verdict FROM media") == [("refused", "too_late")]
    assert "within the 7 days" in bodies(clinic, ANNA)[-1]


def test_what_a_file_used_is_on_its_patients_account(clinic: Clinic) -> None:
    id = clinic.gets_file(ANNA)
    clinic.isolation(at_once=1).process(id)
    columns = "files_until > now(), bytes_until > now(), cpu_until > now()"
    assert clinic.tables.rows(f"SELECT {columns} FROM accounts") == [(True, True, False)]
