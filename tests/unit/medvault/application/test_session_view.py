"""The primary alone may say that a file is not wanted any more."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from medvault.adapters.local.sessions import MemorySessionCache
from medvault.application.session_view import SessionView
from medvault.domain.conversation.state import Conversation, Draft, FilingState, Step
from medvault.domain.identifiers import MediaId, PersonId
from medvault.ports import CachedSession
from medvault.ports.transactions import Transaction

PATIENT, FILE = PersonId(uuid4()), MediaId(uuid4())
WANTS, WAITS, LET_GO = b"wants", b"waits", b"let go"
STATES = {
    WANTS: Conversation(filing=FilingState(Step.CHECKING, Draft(FILE))),
    WAITS: Conversation(filing=FilingState(Step.DATE, Draft(MediaId(uuid4())), (Draft(FILE),))),
    LET_GO: Conversation(),
}


class One:
    """A database that knows one session, and counts who asks for it."""

    def __init__(self, sealed: bytes | None) -> None:
        self.session = CachedSession(1, sealed) if sealed else None
        self.asked = 0

    @contextmanager
    def begin(self, _: Transaction) -> Iterator[Any]:
        self.asked += 1
        yield SimpleNamespace(conversations=SimpleNamespace(awaiting=lambda _: self.session))

    def check(self) -> None:
        """It answers."""


def opened(_: UUID, session: CachedSession) -> Conversation | None:
    return STATES.get(session.sealed)


def wants(cached: bytes | None, *databases: One) -> bool:
    cache = MemorySessionCache()
    if cached:
        cache.store({PATIENT: CachedSession(1, cached)})
    return SessionView(cache, databases, opened).wants(PATIENT, FILE)


@pytest.mark.parametrize("sealed", [WANTS, WAITS])
def test_a_yes_of_the_cache_asks_no_database(sealed: bytes) -> None:
    primary = One(LET_GO)
    assert wants(sealed, primary)
    assert primary.asked == 0


@pytest.mark.parametrize("cached", [None, LET_GO, b"can't be opened"])
def test_anything_else_is_asked_of_the_primary(cached: bytes | None) -> None:
    assert wants(cached, One(WANTS))
    assert not wants(cached, One(LET_GO))


def test_a_yes_of_the_replica_spares_the_primary() -> None:
    replica, primary = One(WANTS), One(LET_GO)
    assert wants(None, replica, primary)
    assert (replica.asked, primary.asked) == (1, 0)


def test_a_replica_that_lags_behind_takes_no_file_from_its_patient() -> None:
    assert wants(LET_GO, One(LET_GO), One(WANTS))


def test_the_primarys_no_is_final() -> None:
    assert not wants(LET_GO, One(LET_GO), One(LET_GO))


@pytest.mark.parametrize("sealed", [None, b"can't be opened"])
def test_where_nobody_can_tell_the_file_is_wanted(sealed: bytes | None) -> None:
    assert wants(None, One(sealed))
