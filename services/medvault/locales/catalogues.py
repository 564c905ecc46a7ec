"""Catalogues, read as translators keep them: nothing compiled could be older than its words."""

from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from medvault.domain.saying.language import ENGLISH, Language

FOLDER = Path(__file__).parent
_CATALOGUE = "LC_MESSAGES/medvault.po"


def codes() -> list[str]:
    """Return the codes of the languages besides English (BCP 47)."""
    return sorted(path.parent.parent.name for path in FOLDER.glob(f"*/{_CATALOGUE}"))


@cache
def language(code: str) -> Language:
    """Return a language; English for one that this release does not have."""
    if code not in codes():
        return ENGLISH
    import polib  # only where another language than English is spoken

    catalogue = polib.pofile(str(FOLDER / code / _CATALOGUE), encoding="utf-8")
    return Language(code, GNUTranslations(BytesIO(catalogue.to_binary())))
