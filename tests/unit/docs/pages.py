"""The documentation's pages, and the fenced blocks in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
_FENCE = re.compile(r"^```(\S+)( tested)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block; `tested` if its page says that a test runs it."""

    page: Path
    language: str
    tested: bool
    text: str


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    for language, tested, text in _FENCE.findall(page.read_text()):
        yield Block(page, language, bool(tested), text)


def rows(page: Path, header: str) -> list[str]:
    """The rows of the table that has this header, as they are written."""
    _, _, rest = page.read_text().partition(f"{header}\n")
    found = rest.splitlines()[1:]
    end = next((n for n, line in enumerate(found) if not line.startswith("|")), len(found))
    return found[:end]
