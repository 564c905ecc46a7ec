"""The facts that are read from the vault for an event, and those that are not."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvault.domain.conversation.events import Edited, Event, Noticed, Said, SentFile, Tapped
from medvault.domain.conversation.facts import Fact, wants
from medvault.domain.conversation.state import BrowsingState, Conversation
from medvault.domain.identifiers import ReportId
from medvault.domain.media import Attachment

LISTED = Conversation(browsing=BrowsingState((ReportId(UUID(int=1)),), 1))
BROWSING = [
    Said("LIST"), Said("more"), Said("GET 1"), Tapped("report:1"), Tapped("menu:list"),
    Edited("m", "list"),
]  # fmt: skip


@pytest.mark.parametrize("state", [Conversation(), LISTED])
@pytest.mark.parametrize("event", BROWSING)
def test_looking_at_reports_needs_the_shelf(event: Event, state: Conversation) -> None:
    assert wants(state, event) == {Fact.SHELF}


@pytest.mark.parametrize("event", [Said("1"), Said("1. 2 May 2019"), Edited("m", "#1")])
def test_a_number_needs_the_shelf_once_there_is_a_list(event: Event) -> None:
    assert wants(LISTED, event) == {Fact.SHELF}
    assert not wants(Conversation(), event)


@pytest.mark.parametrize(
    "event",
    [
        Said("hello"), Said("HELP"), Tapped("date:1:x"), Tapped("menu:help"), Tapped("menu:get me"),
        SentFile(Attachment("7", "image/jpeg", None, None)), Edited("m", None), Noticed(),
    ],
)  # fmt: skip
def test_nothing_else_needs_the_shelf(event: Event) -> None:
    assert not wants(LISTED, event)


@given(st.text(max_size=40))
def test_no_text_needs_more_without_a_list_than_with_one(text: str) -> None:
    assert wants(Conversation(), Said(text)) <= wants(LISTED, Said(text))
