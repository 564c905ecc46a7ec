"""The owner of a file that acts gets a copy that does not, and the original goes nowhere."""

from datetime import timedelta
from uuid import UUID

import pytest

from medvault.domain.conversation import backlog
from medvault.domain.errors import Misplaced
from medvault.domain.identifiers import MediaId, VaultId
from medvault.domain.media import ACTING, Verdict
from medvault.domain.place import Place
from medvault.domain.saying.wording import KEPT_WITHOUT, REFUSED
from medvault.observability import metrics
from medvault.ports import Queue
from support.clinic import webhooks
from support.clinic.clinic import Clinic
from support.clinic.deaths import Died, Fate, Mortal, MortalDatabase
from support.clinic.files import COPY, PDF
from support.clinic.recovery import recover

ANNA = "IN.anna"
WITHOUT = KEPT_WITHOUT[Verdict.HAS_SCRIPT]
ANSWERS = ("2 May 2019", "Apollo Clinic", "Lab test", "YES")


@pytest.fixture
def acting(clinic: Clinic) -> Clinic:
    """A clinic that is sent files with scripts."""
    clinic.examiner.removed = Verdict.HAS_SCRIPT
    return clinic


def count(clinic: Clinic, words: str) -> int:
    return sum(text.count(words) for text in clinic.said(ANNA))


def opened(clinic: Clinic, key: str, place: Place) -> bytes:
    with clinic.store.get(key) as sealed:
        return b"".join(clinic.base.files.open(sealed, place))


def places(clinic: Clinic) -> tuple[Place, Place]:
    """Where the original and its copy are sealed."""
    [(id, patient)] = clinic.tables.rows("SELECT id, patient_id FROM media")
    return Place.file(MediaId(UUID(id)), VaultId(UUID(patient))), Place.copy(
        MediaId(UUID(id)), VaultId(UUID(patient))
    )


@pytest.mark.parametrize("removed", sorted(ACTING))
def test_a_copy_is_filed_and_given_back_and_the_original_stays_sealed(
    clinic: Clinic, removed: Verdict
) -> None:
    clinic.examiner.removed = removed
    made = metrics.copies_made[removed]._value.get()
    report = clinic.files_report(ANNA)
    assert metrics.copies_made[removed]._value.get() == made + 1
    original, copy = places(clinic)
    assert sorted(clinic.store.keys("")) == [f"reports/{report}", f"reports/{report}-original"]
    assert opened(clinic, f"reports/{report}", copy) == COPY
    assert opened(clinic, f"reports/{report}-original", original) == PDF
    clinic.hears(ANNA, "LIST", "GET 1")
    clinic.settle()
    assert clinic.source.uploaded == [COPY]
    told = [text for text in clinic.said(ANNA) if KEPT_WITHOUT[removed] in text]
    assert len(told) == 1
    assert told[0].index("What date") > told[0].index(KEPT_WITHOUT[removed])


def test_whoever_moves_objects_gets_no_original_out(acting: Clinic) -> None:
    report = acting.files_report(ANNA)
    original, copy = places(acting)
    acting.store.copy(f"reports/{report}-original", f"reports/{report}")
    for place in (copy, original._replace(row=UUID(int=1))):
        with pytest.raises(Misplaced):
            opened(acting, f"reports/{report}", place)
    acting.hears(ANNA, "LIST", "GET 1")
    acting.settle()
    assert not acting.source.uploaded


def test_whoever_changes_rows_gets_no_original_out(acting: Clinic) -> None:
    acting.gets_file(ANNA)
    acting.settle()
    acting.hears(ANNA, *ANSWERS)
    acting.tables.rows("UPDATE media SET removed = NULL")
    acting.settle()
    acting.hears(ANNA, "LIST", "GET 1")
    acting.settle()
    assert not acting.source.uploaded


@pytest.mark.parametrize("word", ["CANCEL", "STOP", "silence"])
def test_what_is_let_go_leaves_neither_original_nor_copy(acting: Clinic, word: str) -> None:
    id = acting.gets_file(ANNA)
    acting.settle()
    assert sorted(acting.store.keys("")) == [f"incoming/{id}", f"incoming/{id}-copy"]
    if word == "silence":
        acting.let_time_pass(ANNA, timedelta(hours=1))
    else:
        acting.hears(ANNA, word)
    recover(acting)
    assert not list(acting.store.keys(""))


def test_a_file_that_is_refused_in_the_end_leaves_neither(acting: Clinic) -> None:
    acting.examiner.verdict = Verdict.INFECTED
    acting.gets_file(ANNA)
    acting.settle()
    acting.maintenance().tick()
    assert not list(acting.store.keys(""))
    assert count(acting, REFUSED[Verdict.INFECTED]) == 1


@pytest.mark.parametrize("step", ["examine", "file"])
def test_dying_anywhere_leaves_no_copy_lying_and_loses_none(acting: Clinic, step: str) -> None:
    for at in range(1, 100):
        user = f"IN.user{at}"
        id = acting.gets_file(user)
        if step == "file":
            acting.settle()
            acting.hears(user, *ANSWERS)
        acting.waker.forget()
        fate = Fate(at)
        media = acting.media(
            database=MortalDatabase(acting.database, fate),
            store=Mortal(acting.store, fate),
            source=acting.source,
        )
        try:
            media.process(id)
        except Died:
            acting.waker.forget()
        recover(acting)
        incoming = [f"incoming/{id}", f"incoming/{id}-copy"] if step == "examine" else []
        assert sorted(acting.store.keys("incoming/")) == incoming, fate.passed
        if step == "examine":
            acting.hears(user, "CANCEL")
            recover(acting)
        kept = 0 if step == "examine" else 2 * at
        assert len(list(acting.store.keys(""))) == kept, fate.passed
        if not fate.struck:
            break
    assert fate.passed.count("after put") + fate.passed.count("after copy") == 2


def test_a_patient_who_lets_go_meanwhile_leaves_no_copy(acting: Clinic) -> None:
    acting.gets_file(ANNA)
    acting.examiner.during = lambda: acting.hears(ANNA, "CANCEL")
    acting.settle()
    recover(acting)
    assert not list(acting.store.keys(""))


def test_before_the_release_before_is_gone_what_acts_is_refused(acting: Clinic) -> None:
    id = acting.gets_file(ANNA)
    acting.media(alone=lambda: False).process(id)
    acting.settle()
    assert count(acting, REFUSED[Verdict.HAS_SCRIPT]) == 1
    acting.maintenance().tick()
    assert not list(acting.store.keys(""))


def test_each_of_an_album_is_spoken_of_when_its_turn_comes(
    acting: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "MAX_NAMED", 2)
    monkeypatch.setattr(backlog, "AT_ONCE", 1)
    acting.receive(*(webhooks.document(ANNA, acting.wamid(), "7") for _ in range(5)))
    acting.inbound.handle([acting.subject(ANNA)])
    for id in acting.waker.take(Queue.MEDIA):
        acting.media().process(id)
    for filed in range(1, 6):
        acting.settle()
        assert count(acting, WITHOUT) == filed
        acting.hears(ANNA, *ANSWERS)
    recover(acting)
    assert len(list(acting.store.keys("reports/"))) == 10
    for number in range(1, 6):
        acting.hears(ANNA, "LIST", f"GET {number}")
        acting.settle()
    assert acting.source.uploaded == [COPY] * 5
