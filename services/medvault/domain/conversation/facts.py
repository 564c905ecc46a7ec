"""Facts: the things of the vault that a step has to know besides the conversation's state."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from medvault.domain.conversation.events import Edited, Event, Said, Tapped
from medvault.domain.conversation.state import Conversation
from medvault.domain.reports import Report
from medvault.domain.taps import Choice, Tap
from medvault.domain.understanding import commands
from medvault.domain.understanding.commands import Word


class Fact(StrEnum):
    """A fact that can be asked for; reading it costs the database something."""

    SHELF = "shelf"


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts found: `shelf` holds the patient's reports, and is empty where nobody wants it."""

    shelf: Sequence[Report] = ()


_NOTHING: frozenset[Fact] = frozenset()
_SHELF = frozenset({Fact.SHELF})
_BROWSES = frozenset({Word.LIST, Word.MORE, Word.GET})


def wants(state: Conversation, event: Event) -> frozenset[Fact]:
    """Return the facts that an event may need in this state, or in one that follows from others.

    Numbers mean reports only on a list, and no list comes up without the shelf being wanted.
    """
    match event:
        case Said(text) | Edited(text=str() as text):
            if (command := commands.parse(text)) is None:
                return _SHELF if state.browsing.listed and _is_numbered(text) else _NOTHING
            return _SHELF if command.word in _BROWSES else _NOTHING
        case Tapped(id) if tap := Tap.read(id):
            if tap.choice is Choice.MENU:
                command = commands.parse(tap.value)
                return _SHELF if command and command.word in _BROWSES else _NOTHING
            return _SHELF if tap.choice is Choice.REPORT else _NOTHING
        case _:
            return _NOTHING


def _is_numbered(text: str) -> bool:
    return commands.number(text) is not None or commands.listed(text) is not None
