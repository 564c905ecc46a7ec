"""The titles of what can be tapped: a patient may type each of them as it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass

from medvault.domain.reports import Detail, ReportType
from medvault.domain.saying import wording
from medvault.domain.saying.language import Language


@dataclass(frozen=True, slots=True)
class Titles:
    """A language's titles; `kinds` have a description each, in the order of their list."""

    opens_list: tuple[str, ...]
    help: str
    cancel: str
    set_pin: str
    file_it: str
    change: str
    topics: Mapping[Detail, str]
    kinds: Mapping[ReportType, tuple[str, str]]
    opens_kinds: str


def titles(language: Language) -> Titles:
    """Return the titles that a language has."""
    text = language.text
    return Titles(
        (text(wording.MY_REPORTS), text(wording.LIST_MENU)),
        text(wording.HELP_BUTTON),
        text(wording.CANCEL),
        text(wording.SET_PIN_BUTTON),
        text(wording.FILE_IT),
        text(wording.CHANGE),
        {topic: text(title) for topic, title in wording.TOPICS.items()},
        {kind: (text(title), text(about)) for kind, (title, about) in wording.TYPE_NAMES.items()},
        text(wording.TYPE_MENU),
    )
