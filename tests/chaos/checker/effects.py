"""Which rows were written in one transaction: those of one conversation and one time.

A row's `created_at` and `done_at` are the time at which its transaction began, to the microsecond,
and a conversation's transactions come one after the other.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from chaos.checker.evidence import Evidence, InboxRow, MediaRow, Message, OutboxRow

Moment = tuple[UUID, datetime]
"""A conversation's subject, and when the transaction began."""

FILES = frozenset({"document", "image"})
SILENT = frozenset({"reaction", "edit", "revoke", "system", "unknown"})
"""Types of messages that bring a file, and of those that need no answer."""


class Effects:
    """The inbox by key, and what was written together."""

    def __init__(self, evidence: Evidence) -> None:
        tables = evidence.tables
        self.messages: dict[UUID, Message] = {m.key: m for m in evidence.ledger.messages}
        self.receipts = frozenset(message.mark for message in evidence.ledger.messages)
        self.rows: dict[UUID, list[InboxRow]] = defaultdict(list)
        self.causes: dict[Moment, list[InboxRow]] = defaultdict(list)
        self.replies: dict[Moment, list[OutboxRow]] = defaultdict(list)
        self.files: dict[Moment, list[MediaRow]] = defaultdict(list)
        self._patients = dict(tables.lanes)
        for row in tables.inbox:
            self.rows[row.key].append(row)
            if row.done_at is not None:
                self.causes[row.subject, row.done_at].append(row)
        for letter in tables.outbox:
            self._patients[letter.subject] = letter.patient
            self.replies[letter.subject, letter.created_at].append(letter)
        for file in tables.media:
            self.files[file.patient, file.created_at].append(file)

    def patient(self, subject: UUID) -> UUID:
        """The patient of a conversation; a subject that has no row any more stands for itself."""
        return self._patients.get(subject, subject)

    def moment(self, row: InboxRow) -> Moment | None:
        """When a row's effects were written."""
        return None if row.done_at is None else (row.subject, row.done_at)

    def handled(self) -> Iterator[tuple[Message, InboxRow]]:
        """Patients' messages of which the inbox says that they had their effect."""
        for key, message in self.messages.items():
            for row in self.rows.get(key, ())[:1]:
                if row.outcome == "handled":
                    yield message, row

    def is_receipt(self, letter: OutboxRow) -> bool:
        """Whether it only marked a patient's message as read; no patient sees it as a message."""
        return letter.mark in self.receipts
