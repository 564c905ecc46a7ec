"""A look at a conversation from outside its lock."""

from collections.abc import Callable, Sequence

from medvault.domain.conversation.state import Conversation
from medvault.domain.identifiers import MediaId, PersonId
from medvault.ports import CachedSession, SessionCache
from medvault.ports.persistence import Database
from medvault.ports.transactions import Transaction


class SessionView:
    """Asks the cache first, then the databases in order; the last of them is the primary.

    Cache and replica may be a moment old, so only their yes counts. The primary's word is final.
    """

    def __init__(
        self,
        cache: SessionCache,
        databases: Sequence[Database],
        opened: Callable[[PersonId, CachedSession], Conversation | None],
    ) -> None:
        self._cache = cache
        self._databases = databases
        self._opened = opened

    def wants(self, patient_id: PersonId, media_id: MediaId) -> bool:
        """Whether the patient still waits for a file; True where nobody can tell."""
        session = self._cache.fetch([patient_id]).get(patient_id)
        if self._waits(patient_id, media_id, session):
            return True
        waits = None
        for database in self._databases:
            with database.begin(Transaction.VIEW_SESSION) as work:
                session = work.conversations.awaiting(media_id)
            waits = self._waits(patient_id, media_id, session)
            if waits:
                break
        return waits is not False

    def _waits(
        self, patient_id: PersonId, media_id: MediaId, session: CachedSession | None
    ) -> bool | None:
        """Whether a session waits for a file; None where there is none that can be opened.

        Behind those that it names, it waits for all.
        """
        state = self._opened(patient_id, session) if session else None
        if state is None:
            return None
        if state.filing.backlog is not None:
            return True
        return any(draft.media_id == media_id for draft in state.filing.files)
