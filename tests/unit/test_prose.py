"""The prose of the house names its subjects: no sentence begins with what, who or of."""

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = [path for room in ("services", "operator", "tests") for path in (ROOT / room).rglob("*")]
MODULES = sorted(path for path in SOURCES if path.suffix == ".py")
STATEMENTS = sorted(path for path in SOURCES if path.suffix == ".sql")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *ROOT.glob("charts/*/*.md")])
BEGINNING = re.compile(r"(?:What|Who|Whoever|Whatever|Whom|Whose|Of)\b")
END = re.compile(r"(?<=[.:;!?])\s+|\n\s*\n")


def evasive(text: str) -> list[str]:
    """The sentences of a text that leave out whom or what they are about; questions may."""
    sentences = (" ".join(part.split()) for part in END.split(text))
    return [one for one in sentences if BEGINNING.match(one) and not one.endswith("?")]


def prose(source: str) -> Iterator[str]:
    """The docstrings of a module and its names, and its comments, those that follow as one."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield str(node.value.value)
    comment, last = "", -1
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            if token.start[0] != last + 1:
                yield comment
                comment = ""
            comment, last = f"{comment} {token.string.lstrip('# ')}", token.start[0]
    yield comment


def remarks(statements: str) -> Iterator[str]:
    """The comments between statements, those that follow as one."""
    lines = statements.splitlines()
    yield "\n".join(line[3:] if line.startswith("-- ") else "\n" for line in lines)


def paragraphs(page: str) -> Iterator[str]:
    """The running text of a page: without code, tables and headings, each item by itself."""
    for block in re.sub(r"```.*?```", "", page, flags=re.DOTALL).split("\n\n"):
        for item in re.split(r"\n(?=\s*(?:[-*]|\d+[.])\s)", block):
            if not item.lstrip().startswith(("|", "#", "<")):
                yield re.sub(r"^\s*(?:[-*]|\d+[.])\s+", "", item)


def found(paths: Iterable[Path], texts: Callable[[str], Iterable[str]]) -> list[str]:
    """Each such sentence, with its file."""
    return [
        f"{path.relative_to(ROOT)}: {one}"
        for path in paths
        for text in texts(path.read_text())
        for one in evasive(text)
    ]


def test_docstrings_and_comments_name_their_subjects() -> None:
    assert found(MODULES, prose) == []


def test_comments_of_statements_name_their_subjects() -> None:
    assert found(STATEMENTS, remarks) == []


def test_pages_name_their_subjects() -> None:
    assert found(PAGES, paragraphs) == []


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("What acts in a PDF.", ["What acts in a PDF."]),
        ("It is kept. Who asks\nis told.", ["Who asks is told."]),
        ("Kept: Of two the first.", ["Of two the first."]),
        ("What is kept?", []),
        ("The parts that act; they say what they do.", []),
        ("Official figures.", []),
    ],
)
def test_a_sentence_that_hides_its_subject_is_found(text: str, sentences: list[str]) -> None:
    assert evasive(text) == sentences
