"""A report of several files is filed, lost and given back as a whole."""

from uuid import UUID

import pytest
import urllib3

from medvault.adapters.s3.options import S3Options
from medvault.adapters.s3.store import S3ObjectStore
from medvault.adapters.whatsapp.media import CloudMedia
from medvault.bootstrap.desk import make_dead_letter_desk
from medvault.domain.dead_letters import MAX_ATTEMPTS, RequestOutcome
from medvault.domain.identifiers import LetterId, MediaId, ReportId
from medvault.domain.media import Verdict
from medvault.domain.outbound import SendState
from support.clinic.clinic import Clinic
from support.clinic.deaths import Died, Fate, Mortal, MortalDatabase
from support.clinic.files import COPY, PDF
from support.clinic.letters import Letters
from support.clinic.recovery import recover
from support.clinic.reports import checked_file, confirmed
from support.clinic.sending import sending
from support.servers.s3 import REGION, Bucket
from support.simulated import Simulator

ANNA = "IN.anna"
FIRST, SECOND = PDF + b"first", PDF + b"second"
ROWS = "SELECT state FROM media ORDER BY id"
REPORTS = "SELECT state FROM reports"


@pytest.fixture
def stored(online: Clinic, s3_bucket: Bucket) -> Clinic:
    """A clinic whose files lie in S3, connected to the simulator."""
    s3 = s3_bucket.store
    online.store = S3ObjectStore(
        S3Options(s3_bucket.name, REGION, s3.endpoint, s3.access_key, s3.secret_key)
    )
    return online


def two_files(clinic: Clinic, user_id: str = ANNA) -> tuple[ReportId, MediaId]:
    """A report of two files that is to be filed: its id, and that of the file to work on."""
    files = [checked_file(clinic, user_id, content) for content in (FIRST, SECOND)]
    return confirmed(clinic, user_id, *files)


def documents(clinic: Clinic) -> list[LetterId]:
    """The documents of a report that was just asked for, in order."""
    newest = "SELECT id FROM outbox WHERE report_id IS NOT NULL ORDER BY seq"
    return [LetterId(UUID(id)) for id in clinic.tables.column(newest)]


def test_two_files_are_filed_listed_once_and_given_back_in_order(
    stored: Clinic, simulator: Simulator, letters: Letters
) -> None:
    person = letters.person()
    user_id = person["user_id"]
    first = checked_file(stored, user_id, FIRST)
    stored.examiner.removed = Verdict.HAS_SCRIPT
    report, _ = confirmed(stored, user_id, first, checked_file(stored, user_id, SECOND))
    stored.settle()
    assert stored.tables.column(REPORTS) == ["filed"]
    assert sorted(stored.store.keys("")) == [
        f"reports/{report}",
        f"reports/{report}-2",
        f"reports/{report}-2-original",
    ]
    stored.hears(user_id, "LIST", "GET 2", "GET 1")
    assert "1 to 1 of 1" in "".join(stored.said(user_id))
    with CloudMedia(stored.base.whatsapp) as source, sending(stored) as running:
        for letter in reversed(documents(stored)):
            stored.retrieval(source=source).process(letter)
        running.wake()
        for letter in documents(stored):
            letters.until(letter, SendState.ACCEPTED)
    sends = [send for send in simulator.sends(person) if send["type"] == "document"]
    urls = [f"{simulator.url}/sim/media/{send['media_ids'][0]}" for send in sends]
    assert [urllib3.request("GET", url).data for url in urls] == [FIRST, COPY]
    audit = stored.audit(user_id)
    assert [audit.count(f"report.{act}") for act in ("filed", "requested", "sent")] == [1, 1, 2]


def test_dying_anywhere_while_two_files_are_filed_files_their_report_once(clinic: Clinic) -> None:
    for at in range(1, 100):
        user_id = f"IN.user{at}"
        _, due = two_files(clinic, user_id)
        clinic.waker.forget()
        fate = Fate(at)
        database, store = MortalDatabase(clinic.database, fate), Mortal(clinic.store, fate)
        try:
            clinic.media(database=database, store=store).process(due)
        except Died:
            clinic.waker.forget()
        if fate.passed.count("after copy") < 2:
            assert "report.filed" not in clinic.audit(user_id), fate.passed
        recover(clinic)
        assert clinic.audit(user_id).count("report.filed") == 1, fate.passed
        assert len(list(clinic.store.keys("reports/"))) == 2 * at, fate.passed
        assert not list(clinic.store.keys("incoming/")), fate.passed
        if not fate.struck:
            break
    assert fate.passed.count("after copy") == fate.passed.count("after delete") == 2


def lost(clinic: Clinic) -> tuple[MediaId, bytes]:
    """A report whose second file vanished, and was tried too often; its first, and the other."""
    _, due = two_files(clinic)
    gone = f"incoming/{clinic.tables.column('SELECT id FROM media ORDER BY id')[1]}"
    with clinic.store.get(gone) as chunks:
        kept = b"".join(chunks)
    clinic.store.delete(gone)
    for _ in range(MAX_ATTEMPTS):
        assert clinic.tables.column(REPORTS) == ["filing"]
        clinic.due()
        clinic.media().process(due)
    clinic.settle()
    assert clinic.tables.column(REPORTS) == ["lost"]
    assert clinic.tables.column(ROWS) == ["lost", "lost"]
    return due, kept


def test_a_report_is_lost_with_any_of_its_files_and_filed_once_all_are_there(
    clinic: Clinic,
) -> None:
    due, kept = lost(clinic)
    assert clinic.tables.column("SELECT id FROM dead_letters") == [str(due)]
    assert sum("could not file" in text for text in clinic.said(ANNA)) == 1
    clinic.hears(ANNA, "LIST")
    assert "empty" in clinic.said(ANNA)[-1]
    second = clinic.tables.column("SELECT id FROM media ORDER BY id")[1]
    clinic.store.put(f"incoming/{second}", iter([kept]), len(kept))
    assert make_dead_letter_desk(clinic.base).replay(due, "the admin") is RequestOutcome.REPLAYED
    clinic.media().process(due)
    assert clinic.tables.column(REPORTS) == ["filed"]
    assert clinic.tables.column(ROWS) == ["filed", "filed"]
    assert not list(clinic.store.keys("incoming/"))
    released = "SELECT count(*) FROM outbox WHERE held_for IS NOT NULL AND state = 10"
    assert clinic.tables.one(released) == 1
    clinic.hears(ANNA, "LIST", "GET 1")
    clinic.settle()
    assert sorted(clinic.source.uploaded) == [FIRST, SECOND]


def test_a_lost_report_that_is_discarded_leaves_none_of_its_files_waiting(clinic: Clinic) -> None:
    due, _ = lost(clinic)
    desk = make_dead_letter_desk(clinic.base)
    assert desk.discard(due, "the admin", "useless") is RequestOutcome.DISCARDED
    recover(clinic)
    assert not list(clinic.store.keys("incoming/"))
    assert clinic.tables.column("SELECT state FROM media WHERE sealed = ''") == ["discarded"] * 2


def test_a_report_of_which_a_file_is_missing_is_not_given_back(clinic: Clinic) -> None:
    two_files(clinic)
    clinic.settle()
    clinic.hears(ANNA, "LIST", "GET 1")
    clinic.tables.rows("DELETE FROM report_files WHERE position = 2")
    clinic.settle()
    assert not clinic.source.uploaded
    states = "SELECT DISTINCT state FROM outbox WHERE report_id IS NOT NULL"
    assert clinic.tables.column(states) == [SendState.FAILED]
