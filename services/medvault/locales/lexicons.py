"""Lexicons: each language's own words, with the commands of English beside them."""

from functools import cache

from medvault.domain.reports import Detail, ReportType
from medvault.domain.saying import language as saying
from medvault.domain.understanding import english
from medvault.domain.understanding.lexicon import Lexicon, Word, Words
from medvault.locales.catalogues import FOLDER, language


@cache
def lexicon(code: str) -> Lexicon:
    """Return a language's lexicon; that of English for one that this release does not have."""
    spoken = language(code)
    if spoken is saying.ENGLISH:
        return english.ENGLISH
    return Lexicon.of(spoken, words(spoken.code), english.WORDS)


def words(code: str) -> Words:
    """Read a language's own words; raises `LookupError` or `ValueError` where some are missing."""
    import tomllib  # only where another language than English is spoken

    found = tomllib.loads((FOLDER / code / "lexicon.toml").read_text("utf-8"))
    return Words(
        commands={word: found["commands"][word.name.lower()] for word in Word},
        yes=found["yes"],
        change=found["change"],
        topics={detail: found["topics"][detail] for detail in Detail},
        before_topics=found["before_topics"],
        kinds={kind: found["kinds"][kind] for kind in ReportType},
    )
