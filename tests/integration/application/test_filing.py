"""A confirmed report moves into the vault once, wherever its worker dies."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from medvault.bootstrap.desk import make_dead_letter_desk
from medvault.domain.dead_letters import MAX_ATTEMPTS, RequestOutcome
from medvault.domain.errors import Unavailable
from medvault.domain.identifiers import MediaId, VaultId
from medvault.domain.place import Place
from medvault.ports import ObjectStore
from support.clinic.clinic import Clinic
from support.clinic.deaths import Died, Failing, Fate, Mortal, MortalDatabase
from support.clinic.files import PDF
from support.clinic.recovery import recover

ANNA = "IN.anna"


class CopyThen:
    """A store where something else happens after a copy."""

    def __init__(self, inner: ObjectStore, happens: Callable[[], object]) -> None:
        self._inner = inner
        self._happens = happens

    def copy(self, source: str, target: str) -> None:
        self._inner.copy(source, target)
        self._happens()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def process(clinic: Clinic, id: MediaId, fate: Fate) -> None:
    """Works on a file, until the end or until it dies."""
    media = clinic.media(
        database=MortalDatabase(clinic.database, fate),
        store=Mortal(clinic.store, fate),
        source=clinic.source,
    )
    try:
        media.process(id)
    except Died:
        clinic.waker.forget()


def vault(clinic: Clinic) -> list[tuple[str, int]]:
    return clinic.tables.rows("SELECT state, count(*) FROM reports GROUP BY state")


def test_dying_anywhere_while_a_file_is_fetched_and_judged_costs_time_only(
    clinic: Clinic,
) -> None:
    for at in range(1, 100):
        user = f"IN.user{at}"
        id = clinic.gets_file(user)
        clinic.waker.forget()
        fate = Fate(at)
        process(clinic, id, fate)
        recover(clinic)
        assert [text for text in clinic.said(user) if "What date" in text] != [], fate.passed
        assert clinic.audit(user) == ["file.received"]
        assert list(clinic.store.keys("incoming/")) == [f"incoming/{id}"]
        clinic.hears(user, "CANCEL")
        recover(clinic)
        assert not list(clinic.store.keys(""))
        if not fate.struck:
            break
    assert {"after put", "before commit", "after commit", "before get"} <= set(fate.passed)


def test_dying_anywhere_while_a_report_is_filed_files_it_once(clinic: Clinic) -> None:
    for at in range(1, 100):
        user = f"IN.user{at}"
        id = clinic.gets_file(user)
        clinic.settle()
        clinic.hears(user, "2 May 2019", "Apollo Clinic", "Lab test", "YES")
        clinic.waker.forget()
        fate = Fate(at)
        process(clinic, id, fate)
        recover(clinic)
        assert clinic.audit(user).count("report.filed") == 1
        told = "SELECT count(*) FROM outbox WHERE held_for IS NOT NULL AND state = 10"
        assert clinic.tables.one(told) == at, fate.passed
        assert vault(clinic) == [("filed", at)]
        assert len(list(clinic.store.keys("reports/"))) == at
        assert not list(clinic.store.keys("incoming/")), fate.passed
        if not fate.struck:
            break
    assert {"after copy", "before delete", "after delete", "before commit"} <= set(fate.passed)


def test_while_the_store_is_away_filing_waits_without_using_up_attempts(clinic: Clinic) -> None:
    id = clinic.gets_file(ANNA)
    clinic.settle()
    clinic.hears(ANNA, "2 May 2019", "Apollo Clinic", "Lab test", "YES")
    store = Failing(clinic.store, "copy", Unavailable("storage"), 30)
    media = clinic.media(store=store)
    for _ in range(30):
        clinic.due()
        assert media.process(id)
    assert clinic.tables.one("SELECT attempts FROM media") == 0
    assert vault(clinic) == [("filing", 1)]
    clinic.settle()
    assert not any("Filed:" in text for text in released(clinic))
    recover(clinic)
    assert vault(clinic) == [("filed", 1)]
    assert any("Filed:" in text for text in released(clinic))


def released(clinic: Clinic) -> list[str]:
    """The letters that may leave."""
    states = clinic.tables.column("SELECT state FROM outbox ORDER BY seq")
    return [
        text for text, state in zip(clinic.opened_letters(), states, strict=True) if state >= 10
    ]


def test_a_worker_that_was_overtaken_files_nothing_twice(clinic: Clinic) -> None:
    id = clinic.gets_file(ANNA)
    clinic.settle()
    clinic.hears(ANNA, "2 May 2019", "Apollo Clinic", "Lab test", "YES")

    def is_overtaken() -> None:
        clinic.due()
        assert clinic.media().process(id)

    clinic.media(store=CopyThen(clinic.store, is_overtaken)).process(id)
    assert clinic.audit(ANNA).count("report.filed") == 1
    assert vault(clinic) == [("filed", 1)]
    assert not list(clinic.store.keys("incoming/"))


def test_what_could_not_be_deleted_is_swept_later(clinic: Clinic) -> None:
    id = clinic.gets_file(ANNA)
    clinic.settle()
    clinic.hears(ANNA, "2 May 2019", "Apollo Clinic", "Lab test", "YES")
    clinic.media(store=Failing(clinic.store, "delete", Unavailable("storage"))).process(id)
    assert vault(clinic) == [("filed", 1)]
    assert list(clinic.store.keys("incoming/")) == [f"incoming/{id}"]
    clinic.maintenance().tick()
    assert not list(clinic.store.keys("incoming/"))


def test_a_filed_report_is_what_the_patient_sent(clinic: Clinic) -> None:
    report_id = clinic.files_report(ANNA)
    [(media_id, patient_id)] = clinic.tables.rows("SELECT media_id, patient_id FROM report_files")
    place = Place.file(MediaId(UUID(media_id)), VaultId(UUID(patient_id)))
    with clinic.store.get(f"reports/{report_id}") as sealed:
        assert b"".join(clinic.base.files.open(sealed, place)) == PDF


@pytest.mark.parametrize("word", ["CANCEL", "STOP"])
def test_what_is_not_confirmed_leaves_nothing(clinic: Clinic, word: str) -> None:
    clinic.gets_file(ANNA)
    clinic.settle()
    clinic.hears(ANNA, "2 May 2019", word)
    clinic.maintenance().tick()
    assert not list(clinic.store.keys(""))
    assert vault(clinic) == []


def test_a_report_whose_file_vanished_is_given_up_told_and_filed_once_it_is_back(
    clinic: Clinic,
) -> None:
    id = clinic.gets_file(ANNA)
    clinic.settle()
    clinic.hears(ANNA, "2 May 2019", "Apollo Clinic", "Lab test", "YES")
    with clinic.store.get(f"incoming/{id}") as chunks:
        kept = b"".join(chunks)
    clinic.store.delete(f"incoming/{id}")
    for _ in range(MAX_ATTEMPTS):
        assert clinic.tables.column("SELECT id FROM dead_letters") == []
        clinic.due()
        clinic.media().process(id)
    dead = "SELECT kind, reason, error, attempts FROM dead_letters"
    assert clinic.tables.rows(dead) == [("file", "missing", "MissingObject", MAX_ATTEMPTS)]
    clinic.settle()
    assert "could not file" in clinic.said(ANNA)[-1]
    clinic.hears(ANNA, "LIST")
    assert "empty" in clinic.said(ANNA)[-1]
    clinic.store.put(f"incoming/{id}", iter([kept]), len(kept))
    desk = make_dead_letter_desk(clinic.base)
    assert desk.replay(id, "the admin") is RequestOutcome.REPLAYED
    assert desk.replay(id, "the admin") is RequestOutcome.ENDED_BEFORE
    clinic.media().process(id)
    assert clinic.tables.column("SELECT state FROM reports") == ["filed"]
    sent = "SELECT count(*) FROM outbox WHERE held_for IS NOT NULL AND state = 10"
    assert clinic.tables.one(sent) == 1
