"""Lexicons: complete, without two meanings for a word, and naming what their language says."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator

import pytest

from medvault.domain.reports import Detail, ReportType
from medvault.domain.saying.titles import titles
from medvault.domain.understanding import answers, commands, english, month_names
from medvault.domain.understanding.lexicon import Lexicon, Word, Words
from medvault.locales.catalogues import FOLDER, codes, language
from medvault.locales.lexicons import lexicon, words
from support.translations import translations

OWN = {"en": english.WORDS} | {code: words(code) for code in codes()}
DATES = {
    **month_names.MONTHS,
    **month_names.PERSIAN_MONTHS,
    **month_names.THAI_MONTHS,
    **month_names.WEEKDAYS,
    **month_names.DAYS_BACK,
}
NAMED = re.compile(r"GET|LIST|MORE|HELP|CANCEL|STOP|SET PIN|YES|CHANGE")

spoken = pytest.mark.parametrize("code", OWN)


def meanings(own: Words) -> Iterator[tuple[str, Iterable[str]]]:
    """Each list of words, under what it means at the moment when it counts."""
    yield from own.commands.items()
    yield from (("yes", own.yes), ("change", own.change))
    yield from own.topics.items()


def written(words: Iterable[str]) -> list[str]:
    """Words as they are, and without their accents."""
    return [form for word in words for form in (word, month_names.folded(word))]


@spoken
def test_a_lexicon_has_words_for_all_that_english_has_words_for(code: str) -> None:
    own = OWN[code]
    assert all(found for _, found in meanings(own))
    assert own.before_topics
    assert all(own.kinds[kind] for kind in ReportType)
    every = [*meanings(own), *own.kinds.items(), ("before", own.before_topics)]
    assert all(word == word.casefold().strip() for _, found in every for word in found)


@pytest.mark.parametrize("code", codes())
def test_a_lexicon_has_nothing_that_is_not_read(code: str) -> None:
    found = tomllib.loads((FOLDER / code / "lexicon.toml").read_text())
    assert set(found) == set(Words.__slots__)
    assert set(found["commands"]) == {word.name.lower() for word in Word}
    assert set(found["topics"]) == set(Detail)
    assert set(found["kinds"]) == set(ReportType)


@spoken
def test_no_word_has_two_meanings(code: str) -> None:
    known: defaultdict[str, set[object]] = defaultdict(set)
    shown = titles(language(code))
    tapped: dict[object, Iterable[str]] = {
        Word.LIST: shown.opens_list, Word.HELP: [shown.help], Word.CANCEL: [shown.cancel],
        Word.SET_PIN: [shown.set_pin], "yes": [shown.file_it], "change": [shown.change],
        "kinds": [shown.opens_kinds], **{kind: names[:1] for kind, names in shown.kinds.items()},
        **{topic: [title] for topic, title in shown.topics.items()},
    }  # fmt: skip
    commands_of_english = english.WORDS.commands.items()
    for meaning, found in [*meanings(OWN[code]), *commands_of_english, *tapped.items()]:
        for word in found:
            known[month_names.folded(word)].add(meaning)
    for word, days in DATES.items():
        known[word].add(f"day {days}")
    assert not {word: meant for word, meant in known.items() if len(meant) > 1}


@spoken
def test_no_word_means_two_kinds_of_report_or_more_than_a_kind(code: str) -> None:
    own = OWN[code]
    kinds = [month_names.folded(word) for found in own.kinds.values() for word in found]
    others = {month_names.folded(word) for found in own.commands.values() for word in found}
    assert len(kinds) == len(set(kinds))
    assert not others & set(kinds)


@spoken
def test_commands_of_english_are_understood_everywhere(code: str) -> None:
    for word, found in english.WORDS.commands.items():
        for text in found:
            command = commands.parse(text, lexicon(code))
            assert command is not None
            assert command.word is word


@spoken
def test_every_word_is_read_with_its_accents_and_without(code: str) -> None:
    own, read = OWN[code], lexicon(code)
    for word, found in own.commands.items():
        for text in written(found):
            command = commands.parse(text, read)
            assert command is not None
            assert command.word is word
    assert all(answers.agrees(text, read) for text in written(own.yes))
    assert all(answers.wants_change(text, read) for text in written(own.change))
    for topic, found in own.topics.items():
        for text in written(found):
            assert answers.topic(text, read) is topic
            assert answers.topic(f"{own.before_topics[0]} {text}", read) is topic
    for kind, found in own.kinds.items():
        assert all(answers.report_type(text, read) is kind for text in written(found))


@spoken
def test_what_is_shown_to_be_tapped_may_be_typed(code: str) -> None:
    shown, read = titles(language(code)), lexicon(code)
    for place, (kind, (title, about)) in enumerate(shown.kinds.items(), start=1):
        for text in (title, f"{title} {about}", title.upper(), f"{place}"):
            assert answers.report_type(text, read) is kind
    for topic, title in shown.topics.items():
        assert answers.topic(title, read) is topic
    assert answers.agrees(shown.file_it, read)
    assert answers.wants_change(shown.change, read)
    assert answers.opens_kinds(shown.opens_kinds, read)
    for title in (*shown.opens_list, shown.help, shown.cancel, shown.set_pin):
        assert commands.parse(title, read) is not None


@pytest.mark.parametrize(
    ("text", "word", "number"),
    [
        ("VER 2", Word.GET, 2),
        ("Ver el número 2", None, None),
        ("ver el informe 2", Word.GET, 2),
        ("envíeme el 2", None, None),
        ("ver #3.", Word.GET, 3),
        ("mas", Word.MORE, None),
    ],
)
def test_a_number_follows_the_word_for_it(text: str, word: Word | None, number: int | None) -> None:
    command = commands.parse(text, lexicon("es"))
    assert (command and command.word, command and command.number) == (word, number)


def test_digits_follow_the_words_for_a_pin() -> None:
    for text in ("crear pin 482913", "CREAR UN PIN: 482 913", "set my pin to 482913"):
        command = commands.parse(text, lexicon("es"))
        assert command is not None
        assert (command.word, command.digits) == (Word.SET_PIN, "482913")


def test_a_message_names_words_that_its_language_reads() -> None:
    for code, in_english, said in translations():
        own, shown = OWN[code], titles(language(code))
        for name in NAMED.findall(in_english):
            if name == "YES":
                known = own.yes
            elif name == "CHANGE":
                known = [*own.change, shown.change]
            else:
                known = own.commands[Word(name)]
            capitals = [word.upper() for word in known]
            assert any(re.search(rf"\b{word}\b", said) for word in capitals), (code, said)


def test_a_language_that_this_release_does_not_have_is_read_as_english() -> None:
    assert lexicon("tlh") is english.ENGLISH
    assert isinstance(lexicon("es"), Lexicon)
    assert lexicon("es") is lexicon("es")
