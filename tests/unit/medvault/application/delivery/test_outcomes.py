from uuid import uuid4

import pytest

from medvault.application.delivery.outcomes import SendOutcome
from medvault.domain.identifiers import LaneId, LetterId, PersonId
from medvault.domain.identity import Contact
from medvault.domain.outbound import (
    Accepted,
    Answer,
    Content,
    Outgoing,
    Reaction,
    Refused,
    SendState,
    Typing,
)
from medvault.domain.replies import Reply
from medvault.ports.outbox import Leased

TAKEN, REFUSED = Accepted("wamid.1"), Refused(Reaction.PERMANENT)


@pytest.mark.parametrize(
    ("content", "answer", "state"),
    [
        (Typing("wamid.0"), TAKEN, SendState.SENT),
        (Typing("wamid.0"), REFUSED, SendState.FAILED),
        (Reply("hello"), TAKEN, SendState.ACCEPTED),
        (Reply("hello"), REFUSED, SendState.FAILED),
    ],
)
def test_only_a_message_waits_for_its_status(
    content: Content, answer: Answer, state: SendState
) -> None:
    outgoing = Outgoing(LetterId(uuid4()), Contact("IN.1", None), content)
    step = SendOutcome(Leased(outgoing, PersonId(uuid4()), LaneId(uuid4()), 1), answer).settled.step
    assert step.state is state
