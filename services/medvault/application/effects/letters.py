"""Letters: the replies to patients, and the reports that go back to them."""

from collections.abc import Callable, Sequence
from typing import ClassVar, assert_never, get_args
from uuid import UUID

from medvault.application.effects.collector import Cause
from medvault.domain.conversation.effects import FileReport, LockVault, Say, SendReport, ShowTyping
from medvault.domain.identifiers import LaneId, LetterId, ReportId
from medvault.domain.outbound import Content, Document, Typing
from medvault.domain.replies import Reply
from medvault.domain.saying.messages import Message
from medvault.domain.saying.rendering import documents, render
from medvault.ports.outbox import Letter
from medvault.ports.persistence import UnitOfWork

Taken = Say | ShowTyping | FileReport | SendReport | LockVault


class Letters:
    """Puts messages into words; those of one update go out as one letter where they fit.

    Words may fail to be found, so an update's letters are open until `close`: one that raises
    leaves nothing behind.
    """

    TAKES: ClassVar[tuple[type, ...]] = get_args(Taken)

    def __init__(self, new_id: Callable[[], UUID]) -> None:
        self._new_id = new_id
        self._open: list[Content] = []
        self._held: list[tuple[Reply, ReportId]] = []
        self._withholds = False
        self.written: list[Letter] = []
        self.writers: list[LaneId] = []

    def begin(self) -> None:
        """Begin with another update."""
        self._open, self._held, self._withholds = [], [], False

    def take(self, effect: Taken, cause: Cause) -> None:
        """Gather what an update has to say."""
        match effect:
            case Say(message):
                self._say(render(message, cause.language))
            case ShowTyping():
                if cause.wamid is not None:
                    self._open.append(Typing(cause.wamid))
            case SendReport(report):
                self._open += documents(report, cause.language)
            case FileReport(report, _, told):
                self._held.append((render(told, cause.language), report.id))
            case LockVault():
                self._withholds = True
            case _:
                assert_never(effect)

    def close(self, cause: Cause) -> None:
        """Make letters of it, those first that wait for a report to be filed.

        An effect that locks a vault takes back what was answered before, in this transaction.
        """
        if self._withholds:
            self.written = [one for one in self.written if one.patient_id != cause.patient_id]
        for reply, report_id in self._held:
            self._post(cause, [reply], held_for=report_id)
        self._post(cause, self._open)

    def say(self, message: Message, cause: Cause) -> None:
        """Say something that no effect asks for."""
        self._post(cause, [render(message, cause.language)])

    def wrote(self, subject: LaneId) -> None:
        """Note that a patient wrote: letters that could not be sent before may go now."""
        self.writers.append(subject)

    def write(self, work: UnitOfWork) -> None:
        """Put letters into the outbox, after those of before that may go now."""
        work.outbox.unpark(self.writers)
        work.outbox.add(self.written)

    @property
    def uploads(self) -> list[Letter]:
        """Those with a report that is to be uploaded first."""
        return [one for one in self.written if isinstance(one.content, Document)]

    @property
    def recipients(self) -> list[LaneId]:
        """Subjects with something to be sent to, each once."""
        ready = [
            one.subject
            for one in self.written
            if not one.held_for and not isinstance(one.content, Document)
        ]
        return list(dict.fromkeys(ready))

    def _say(self, reply: Reply) -> None:
        last = self._open[-1] if self._open else None
        merged = reply.after(last) if isinstance(last, Reply) else None
        if merged is None:
            self._open.append(reply)
        else:
            self._open[-1] = merged

    def _post(
        self, cause: Cause, contents: Sequence[Content], held_for: ReportId | None = None
    ) -> None:
        claimed = cause.claimed
        self.written += [
            Letter(
                LetterId(self._new_id()),
                claimed.patient_id,
                claimed.subject,
                cause.to,
                content,
                held_for,
            )
            for content in contents
        ]
