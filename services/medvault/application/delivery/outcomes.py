"""Outcomes: the channel's answers to messages that were sent, and what follows from them."""

from collections.abc import Sequence
from dataclasses import dataclass

from medvault.domain.dead_letters import Failure, Reason
from medvault.domain.identifiers import LetterId
from medvault.domain.outbound import (
    Accepted,
    Answer,
    Document,
    NextStep,
    Reaction,
    Refused,
    SendState,
    Typing,
    decide,
)
from medvault.ports.outbox import Leased, Settled


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """A message and the channel's answer to it; `attempts` counts how often recording it failed."""

    leased: Leased
    answer: Answer
    attempts: int = 0

    @property
    def settled(self) -> Settled:
        """The record to make.

        No status ever tells of a typing signal: one that is taken is sent, any other is over.
        """
        signal = not is_message(self.leased)
        if isinstance(self.answer, Accepted):
            step = NextStep(SendState.SENT) if signal else self.next
            return Settled(self.leased, step, wamid=self.answer.wamid)
        step = NextStep(SendState.FAILED) if signal else self.next
        return Settled(self.leased, step, code=self.answer.code)

    @property
    def next(self) -> NextStep:
        """The step that the answer asks for; repeats of a message in doubt are no attempts."""
        return decide(self.answer, self.leased.attempts - self.leased.repeats)

    @property
    def identity_changed(self) -> bool:
        """Whether the recipient may be somebody else by now."""
        return (
            isinstance(self.answer, Refused) and self.answer.reaction is Reaction.IDENTITY_CHANGED
        )

    @property
    def loses_report(self) -> bool:
        """Whether a patient must hear that a report won't come; one who may be another does not."""
        document = isinstance(self.leased.outgoing.content, Document)
        return document and self.next.state is SendState.FAILED and not self.identity_changed

    @property
    def name(self) -> str:
        """The answer, as metrics name it."""
        return "accepted" if isinstance(self.answer, Accepted) else self.answer.reaction.value


def dead(outcomes: Sequence[SendOutcome]) -> dict[LetterId, Failure]:
    """Return messages that will never be sent; a recipient who may be another gets none anyway."""
    return {
        one.leased.outgoing.reference: Failure(Reason.REFUSED, str(one.answer.code or "") or None)
        for one in outcomes
        if isinstance(one.answer, Refused)
        and not one.identity_changed
        and is_message(one.leased)
        and one.next.state is SendState.FAILED
    }


def is_message(leased: Leased) -> bool:
    """Whether this is more than a typing signal."""
    return not isinstance(leased.outgoing.content, Typing)
