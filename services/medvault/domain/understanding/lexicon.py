"""A lexicon: the words of a language that patients type, by what they mean."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import TypeVar

from medvault.domain.reports import Detail, ReportType
from medvault.domain.saying.language import Language
from medvault.domain.saying.titles import titles
from medvault.domain.understanding.month_names import folded

Meaning = TypeVar("Meaning")


@unique
class Word(StrEnum):
    """A command's name."""

    LIST = "LIST"
    MORE = "MORE"
    GET = "GET"
    HELP = "HELP"
    CANCEL = "CANCEL"
    STOP = "STOP"
    SET_PIN = "SET PIN"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language, in small letters, besides the titles of what can be tapped.

    A number may follow those for GET, and digits those for SET PIN. `before_topics` are those that
    mean nothing before a topic, in their order: "change", "the". `kinds` tell a kind of report
    wherever they stand in an answer.
    """

    commands: Mapping[Word, Sequence[str]]
    yes: Sequence[str]
    change: Sequence[str]
    topics: Mapping[Detail, Sequence[str]]
    before_topics: Sequence[str]
    kinds: Mapping[ReportType, Sequence[str]]


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """All that may be typed in a language: its words, its titles, and the commands of English.

    Accents may be left out. `commands` are in capitals, all else in small letters. `kinds` are
    whole answers, `kind_words` words in an answer; `opens_kinds` is the title of the list of kinds.
    """

    language: Language
    commands: Mapping[str, Word]
    get: re.Pattern[str]
    set_pin: re.Pattern[str]
    yes: frozenset[str]
    change: frozenset[str]
    topics: Mapping[str, Detail]
    before_topics: Sequence[str]
    kinds: Mapping[str, ReportType]
    kind_words: Mapping[str, ReportType]
    opens_kinds: str

    @classmethod
    def of(cls, language: Language, own: Words, *others: Words) -> "Lexicon":
        """Make a lexicon of a language's own words, and of the commands of other languages."""
        shown = titles(language)
        commands = {
            form.upper(): word
            for words in (own, *others)
            for word, known in words.commands.items()
            for form in _forms(known)
        }
        tapped: dict[Word, Sequence[str]] = {
            Word.LIST: shown.opens_list,
            Word.HELP: [shown.help],
            Word.CANCEL: [shown.cancel],
            Word.SET_PIN: [shown.set_pin],
        }
        commands |= {title.upper(): word for title, word in _meant(tapped).items()}
        kinds = {
            kind: (kind.value, str(place), title, f"{title} {about}")
            for place, (kind, (title, about)) in enumerate(shown.kinds.items(), start=1)
        }
        topics = {topic: (title, *own.topics[topic]) for topic, title in shown.topics.items()}
        return cls(
            language,
            commands=commands,
            get=re.compile(rf"(?:{_any(commands, Word.GET)}) *#? *(\d+)"),
            set_pin=re.compile(rf"(?:{_any(commands, Word.SET_PIN)})[: ]*([\d -]*)"),
            yes=frozenset(_forms([*own.yes, shown.file_it])),
            change=frozenset(_forms([*own.change, shown.change])),
            topics=_meant(topics),
            before_topics=tuple(_forms(own.before_topics)),
            kinds=_meant(kinds),
            kind_words=_meant(own.kinds),
            opens_kinds=shown.opens_kinds.casefold(),
        )


def _forms(words: Iterable[str]) -> list[str]:
    """Return words in small letters, as they are written and without their accents."""
    found = (form for word in words for form in (word.casefold(), folded(word)))
    return list(dict.fromkeys(found))


def _meant(words: Mapping[Meaning, Sequence[str]]) -> dict[str, Meaning]:
    return {form: meaning for meaning, known in words.items() for form in _forms(known)}


def _any(commands: Mapping[str, Word], wanted: Word) -> str:
    """Return a pattern of all the words for a command, the longest first."""
    words = [re.escape(word) for word, command in commands.items() if command is wanted]
    return "|".join(sorted(words, key=len, reverse=True))
