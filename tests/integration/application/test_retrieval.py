"""A report goes back to its owner, and to nobody else, whatever happens on the way."""

from uuid import UUID

import pytest
import urllib3

from medvault.adapters.whatsapp.media import CloudMedia
from medvault.application.leases import LEASE
from medvault.domain.dead_letters import MAX_ATTEMPTS
from medvault.domain.errors import Permanent, Transient, Unavailable
from medvault.domain.identifiers import LetterId
from medvault.domain.media import FileKind
from medvault.domain.outbound import Document, SendState
from medvault.ports.transactions import Transaction
from support.clinic.clinic import Clinic
from support.clinic.deaths import Died, Failing, Fate, Meanwhile, Mortal, MortalDatabase
from support.clinic.files import PDF
from support.clinic.letters import Letters
from support.clinic.sending import sending
from support.simulated import Simulator

ANNA, BEN = "IN.anna", "IN.ben"
NOT_SENT = "could not send you that report"


def requested(clinic: Clinic, user_id: str = ANNA) -> LetterId:
    """The document of a report that was just asked for."""
    clinic.hears(user_id, "LIST", "GET 1")
    newest = "SELECT id FROM outbox WHERE report_id IS NOT NULL ORDER BY seq DESC LIMIT 1"
    return LetterId(UUID(clinic.tables.one(newest)))


def asked_for(clinic: Clinic, user_id: str = ANNA) -> LetterId:
    clinic.files_report(user_id)
    return requested(clinic, user_id)


def row(clinic: Clinic, letter: UUID) -> tuple[SendState, int]:
    ((state, attempts),) = clinic.tables.rows(
        "SELECT state, attempts FROM outbox WHERE id = %s", letter
    )
    return SendState(state), attempts


def told(clinic: Clinic, user_id: str = ANNA) -> int:
    clinic.settle()
    return sum(NOT_SENT in text for text in clinic.said(user_id))


def taken_away(clinic: Clinic) -> None:
    """Makes every report somebody else's."""
    if not clinic.tables.column(
        "SELECT 1 FROM conversations WHERE subject = %s", clinic.subject(BEN)
    ):
        clinic.hears(BEN, "hello")
    clinic.tables.rows("UPDATE reports SET patient_id = %s", clinic.patient(BEN))


def test_a_report_comes_back_as_it_was(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    person = letters.person()
    letter = asked_for(online, person["user_id"])
    with CloudMedia(online.base.whatsapp) as source, sending(online):
        online.retrieval(source=source).process(letter)
        letters.until(letter, SendState.ACCEPTED)
    (document,) = [m for m in simulator.sends(person) if m["type"] == "document"]
    url = f"{simulator.url}/sim/media/{document['media_ids'][0]}"
    assert urllib3.request("GET", url).data == PDF
    assert online.audit(person["user_id"])[-3:] == [
        "report.requested",
        "report.uploaded",
        "report.sent",
    ]


@pytest.mark.parametrize("moment", ["before its upload", "during it", "before it is sent"])
def test_a_report_that_changed_hands_does_not_leave(
    online: Clinic, simulator: Simulator, letters: Letters, moment: str
) -> None:
    person = letters.person()
    user_id = person["user_id"]
    letter = asked_for(online, user_id)
    if moment == "before its upload":
        taken_away(online)
    with CloudMedia(online.base.whatsapp) as source:
        during = Meanwhile(source, "upload", lambda: taken_away(online))
        online.retrieval(source=during if moment == "during it" else source).process(letter)
    if moment == "before it is sent":
        taken_away(online)
    with sending(online):
        letters.until(letter, SendState.FAILED)
    assert ("report.uploaded" in online.audit(user_id)) == (moment != "before its upload")
    assert told(online, user_id) == 1
    audit = online.audit(user_id)
    assert audit.count("report.refused") == audit.count("report.not_sent") == 1
    assert "report.sent" not in audit
    assert not [s for s in simulator.sends() if s["type"] == "document"]


def test_across_a_death_in_an_upload_reports_come_in_the_order_they_were_asked_for(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    person = letters.person()
    first = asked_for(online, person["user_id"])
    second, third = (requested(online, person["user_id"]) for _ in range(2))
    with CloudMedia(online.base.whatsapp) as source, sending(online) as running:
        with online.database.begin(Transaction.CLAIM_UPLOAD) as work:
            assert work.outbox.claim_upload(second, LEASE) is not None
        for letter in (third, first):
            online.retrieval(source=source).process(letter)
        running.wake()
        letters.until(first, SendState.ACCEPTED)
        online.due()
        online.retrieval(source=source).process(second)
        running.wake()
        letters.until(third, SendState.ACCEPTED)
    documents = [
        send["biz_opaque_callback_data"]
        for send in simulator.sends(person)
        if send["type"] == "document"
    ]
    assert documents == [str(first), str(second), str(third)]


def test_a_patient_hears_once_of_a_report_that_others_overtake(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    person = letters.person()
    late = asked_for(online, person["user_id"])
    others = [requested(online, person["user_id"]) for _ in range(2)]
    with CloudMedia(online.base.whatsapp) as source, sending(online) as running:
        for letter in others:
            online.retrieval(source=source).process(letter)
        long_ago = "UPDATE outbox SET changed_at = now() - interval '31 seconds' WHERE state = 10"
        online.tables.rows(long_ago)
        running.wake()
        for letter in others:
            letters.until(letter, SendState.ACCEPTED)
        online.inbound.handle([online.subject(person["user_id"])])
        assert sum("takes longer" in text for text in online.said(person["user_id"])) == 1
        online.due()
        online.retrieval(source=source).process(late)
        running.wake()
        letters.until(late, SendState.ACCEPTED)


def test_a_strangers_report_is_never_sent(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    person = letters.person()
    report_id = online.files_report(BEN)
    with CloudMedia(online.base.whatsapp) as source:
        handle = source.upload([PDF], len(PDF), FileKind.PDF, "report.pdf")
    document = Document(report_id, "report.pdf", "a report", FileKind.PDF, handle)
    to_upload, to_send = letters.write(person, document, document)
    online.tables.rows("UPDATE outbox SET state = 10 WHERE id = %s", to_send)
    online.retrieval().process(to_upload)
    assert letters.state(to_upload) is SendState.FAILED
    with sending(online):
        letters.until(to_send, SendState.FAILED)
    assert not online.source.uploaded
    assert not [s for s in simulator.sends() if s["type"] == "document"]
    assert online.audit(person["user_id"]).count("report.refused") == 2


def test_a_report_of_nobody_is_refused(clinic: Clinic) -> None:
    letter = asked_for(clinic)
    clinic.tables.rows("DELETE FROM report_files")
    clinic.tables.rows("DELETE FROM reports")
    assert clinic.retrieval().process(letter)
    assert row(clinic, letter)[0] is SendState.FAILED
    assert told(clinic) == 1


def test_a_report_that_is_not_filed_yet_waits(clinic: Clinic) -> None:
    letter = asked_for(clinic)
    clinic.tables.rows("UPDATE reports SET state = 'filing'")
    for _ in range(MAX_ATTEMPTS + 2):
        assert clinic.retrieval().process(letter)
        clinic.due()
    clinic.tables.rows("UPDATE reports SET state = 'filed'")
    clinic.retrieval().process(letter)
    assert row(clinic, letter)[0] is SendState.QUEUED
    assert clinic.source.uploaded == [PDF]


@pytest.mark.parametrize("dependency", ["whatsapp", "storage"])
def test_a_dependency_that_is_away_uses_up_no_attempt(clinic: Clinic, dependency: str) -> None:
    letter = asked_for(clinic)
    away = Unavailable(dependency)
    source = Failing(clinic.source, "upload", away, 9 if dependency == "whatsapp" else 0)
    store = Failing(clinic.store, "get", away, 9 if dependency == "storage" else 0)
    retrieval = clinic.retrieval(source=source, store=store)
    for _ in range(9):
        assert retrieval.process(letter)
        assert row(clinic, letter) == (SendState.PREPARING, 0)
        clinic.due()
    retrieval.process(letter)
    assert row(clinic, letter)[0] is SendState.QUEUED
    assert told(clinic) == 0


def test_an_upload_that_never_works_is_given_up_after_five_attempts(clinic: Clinic) -> None:
    letter = asked_for(clinic)
    clinic.source.error = Transient("broken")
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert row(clinic, letter) == (SendState.PREPARING, attempt - 1)
        assert clinic.retrieval().process(letter)
        clinic.due()
    assert row(clinic, letter)[0] is SendState.FAILED
    assert not clinic.retrieval().process(letter)
    assert told(clinic) == 1


def test_an_upload_that_whatsapp_refuses_is_given_up_at_once(clinic: Clinic) -> None:
    letter = asked_for(clinic)
    clinic.source.error = Permanent("refused")
    clinic.retrieval().process(letter)
    assert row(clinic, letter)[0] is SendState.FAILED
    assert told(clinic) == 1
    assert clinic.audit(ANNA)[-1] == "report.not_sent"


def test_a_file_that_is_gone_or_altered_is_not_sent(clinic: Clinic) -> None:
    report_id = clinic.files_report(ANNA)
    letter = requested(clinic)
    key = f"reports/{report_id}"
    with clinic.store.get(key) as chunks:
        sealed = b"".join(chunks)
    altered = sealed[:-1] + bytes([sealed[-1] ^ 1])
    clinic.store.put(key, [altered], len(altered))
    clinic.retrieval().process(letter)
    clinic.store.delete(key)
    again = requested(clinic)
    clinic.retrieval().process(again)
    assert [row(clinic, one)[0] for one in (letter, again)] == [SendState.FAILED] * 2
    assert not clinic.source.uploaded
    assert told(clinic) == 2


def test_an_upload_that_kills_its_workers_is_given_up(clinic: Clinic) -> None:
    letter = asked_for(clinic)

    def dies() -> None:
        raise SystemExit

    clinic.source.during = dies
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(SystemExit):
            clinic.retrieval().process(letter)
        assert not clinic.retrieval().process(letter), "free before its lease is over"
        clinic.due()
    clinic.retrieval().process(letter)
    assert row(clinic, letter)[0] is SendState.FAILED


def test_dying_anywhere_on_the_way_costs_time_only(
    online: Clinic, simulator: Simulator, letters: Letters
) -> None:
    person = letters.person()
    user_id = person["user_id"]
    online.files_report(user_id)
    at, fate = 0, Fate(0)
    with CloudMedia(online.base.whatsapp) as source, sending(online) as running:
        while at == 0 or fate.struck:
            at, fate = at + 1, Fate(at + 1)
            letter = requested(online, user_id)
            mortal = online.retrieval(
                database=MortalDatabase(online.database, fate),
                store=Mortal(online.store, fate),
                source=source,
            )
            try:
                mortal.process(letter)
            except Died:
                if letters.state(letter) is SendState.PREPARING:
                    online.tables.rows("UPDATE outbox SET due_at = now() WHERE id = %s", letter)
                    online.retrieval(source=source).process(letter)
            running.wake()
            letters.until(letter, SendState.ACCEPTED)
    assert "after get" in fate.passed
    documents = [s for s in simulator.sends(person) if s["type"] == "document"]
    assert len(documents) == at
    assert online.audit(user_id).count("report.sent") == at
