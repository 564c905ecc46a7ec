"""An administrator's work on dead letters, and the audit's record of it."""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

from medvault.application.intake import Splitter
from medvault.domain.audit import Action, Entry
from medvault.domain.dead_letters import AT_MOST, DeadLetter, Ending, Kind, RequestOutcome
from medvault.domain.errors import Permanent
from medvault.domain.identifiers import NOBODY, vault_of
from medvault.domain.media import Verdict
from medvault.domain.place import Place
from medvault.domain.updates import UpdateKind
from medvault.ports import Sealer
from medvault.ports.persistence import Database, UnitOfWork
from medvault.ports.transactions import Transaction


class DeadLetterDesk:
    """Lists, shows, replays and discards dead letters; each request may be made again."""

    def __init__(
        self,
        database: Database,
        splitter: Splitter,
        sealer: Sealer,
        new_id: Callable[[], UUID],
    ) -> None:
        self._database = database
        self._splitter = splitter
        self._sealer = sealer
        self._new_id = new_id

    def listed(
        self, kind: Kind | None = None, older_than: timedelta = timedelta()
    ) -> Sequence[DeadLetter]:
        """Return those that nobody has dealt with, oldest first, at most `AT_MOST`."""
        with self._database.begin(Transaction.LIST_DEAD_LETTERS) as work:
            return work.dead_letter_records.listed(kind, older_than, AT_MOST)

    def show(self, id: UUID) -> DeadLetter | None:
        """Return one without its content, whatever has become of it."""
        with self._database.begin(Transaction.SHOW_DEAD_LETTER) as work:
            return work.dead_letter_records.lock(id)

    def reveal(self, id: UUID, who: str, why: str) -> bytes:
        """Return a content in the clear, once the audit says who asked for it and why.

        Raises `Permanent` where there is none, or it can't be opened.
        """
        with self._database.begin(Transaction.REVEAL_DEAD_LETTER) as work:
            dead = work.dead_letter_records.lock(id)
            content = work.dead_letter_records.content(dead) if dead else None
            if dead is None or content is None:
                raise Permanent("this dead letter has no content any more")
            self._audit(work, dead, Action.DEAD_LETTER_REVEALED, who, why)
        return content

    def replay(self, id: UUID, who: str) -> RequestOutcome:
        """Put one back in line, with all its attempts before it."""
        with self._database.begin(Transaction.REPLAY_DEAD_LETTER) as work:
            dead = work.dead_letter_records.lock(id)
            if dead is None:
                return RequestOutcome.UNKNOWN
            if dead.ending is not None:
                return RequestOutcome.ENDED_BEFORE
            if not self._replayed(work, dead):
                return RequestOutcome.IMPOSSIBLE
            self._audit(work, dead, Action.DEAD_LETTER_REPLAYED, who, None)
        return RequestOutcome.REPLAYED

    def _replayed(self, work: UnitOfWork, dead: DeadLetter) -> bool:
        if dead.kind is Kind.WEBHOOK:
            return self._taken_in(work, dead)
        if dead.kind is Kind.FILE and (patient_id := work.dead_letter_records.unchecked(dead)):
            content = {"media_id": str(dead.id), "verdict": Verdict.WAITING.value}
            again = {"again": str(self._new_id())}
            work.inbox.tell(patient_id, UpdateKind.CHECKED, content | again)
            work.dead_letter_records.end(dead, Ending.REPLAYED)
            return True
        return work.dead_letter_records.replay(dead)

    def _taken_in(self, work: UnitOfWork, dead: DeadLetter) -> bool:
        try:
            body = work.dead_letter_records.content(dead)
        except Permanent:
            return False
        work.inbox.add(self._splitter.split(body or b""))
        work.dead_letter_records.end(dead, Ending.REPLAYED)
        return True

    def discard(self, id: UUID, who: str, why: str) -> RequestOutcome:
        """End one for good; its content goes."""
        with self._database.begin(Transaction.DISCARD_DEAD_LETTER) as work:
            dead = work.dead_letter_records.lock(id)
            if dead is None:
                return RequestOutcome.UNKNOWN
            if dead.ending is not None:
                return RequestOutcome.ENDED_BEFORE
            self._audit(work, dead, Action.DEAD_LETTER_DISCARDED, who, why)
            work.dead_letter_records.discard(dead)
        return RequestOutcome.DISCARDED

    def _audit(
        self, work: UnitOfWork, dead: DeadLetter, action: Action, who: str, why: str | None
    ) -> None:
        patient_id, id = work.dead_letter_records.patient(dead) or NOBODY, self._new_id()
        vault_id = vault_of(patient_id)
        said = {"by": who, "reason": why, "dead_letter": str(dead.id), "kind": dead.kind}
        note = self._sealer.seal(json.dumps(said).encode(), Place.note(id, vault_id))
        work.audit.append([Entry(id, vault_id, action, note=note)])
