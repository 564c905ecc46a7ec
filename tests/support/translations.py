"""The entries of the catalogues, as translators keep them."""

from collections.abc import Iterator

import polib

from medvault.locales.catalogues import FOLDER, codes


def catalogue(code: str) -> polib.POFile:
    """The catalogue of a language, as its translators keep it."""
    return polib.pofile(str(FOLDER / code / "LC_MESSAGES" / "medvault.po"))


def translations() -> Iterator[tuple[str, str, str]]:
    """Code, words in English and in the language; for plurals the forms that take a count."""
    for code in codes():
        for entry in catalogue(code):
            if entry.msgid_plural:
                forms = [entry.msgstr_plural[n] for n in sorted(entry.msgstr_plural)]
                yield code, entry.msgid, forms[0]
                yield from ((code, entry.msgid_plural, form) for form in forms[1:])
            else:
                yield code, entry.msgid, entry.msgstr
