"""A stored text steers the terminal of the administrator who looks at it.

The control is the text as it was stored.
"""

import ast
import json
import unicodedata
from pathlib import Path

import pytest

import medvault
from medvault.observability import terminal
from medvault.observability.terminal import printable
from support.attacks import Attacks

ROOT = Path(medvault.__file__).parent
PRINTING = {"echo", "secho", "print", "style"}
CSI, OSC = ("\x1b[", "\x9b"), ("\x1b]", "\x9d")
"""How a sequence begins, in two characters and in one."""

ESCAPES = [
    *(begin + rest for begin in CSI for rest in (
        "2J", "1A", "31m", "8m", "6n", "?1049h", "?25l", "20;20H", "5i",
    )),
    *(f"{begin}{rest}{end}" for begin in OSC for end in ("\x07", "\x9c") for rest in (
        "0;title", "52;c;cm0gLXJm", "8;;http://evil.example", "50;?", "4;1;?",
    )),
    "\x1bP+q544e\x1b\\", "\x90$qm\x9c", "\x1b_x\x1b\\", "\x1bc", "\x1b(0", "\x0e", "\x0f",
    "ok\rForged", "ab\x08\x08xy", "\x07", "\x05", "\x0b", "\x0c", "\x85", "\x7f", "\x00",
    "\u202eflipped", "\u2066iso\u2069", "\u200e", "\u061c", "\u2028", "\u2029", "\u200bzero",
    "\ufeff", "\U000e0041\U000e0042", "\ud800", "\ufffb",
]  # fmt: skip
ALLOWED = "\n\t\u200c\u200d"


def steers(text: str) -> bool:
    """Whether a character is left that a terminal obeys or hides."""
    kinds = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return any(unicodedata.category(char) in kinds for char in text if char not in ALLOWED)


def test_no_stored_text_steers_a_terminal(attacks: Attacks) -> None:
    succeeded = [text for text in ESCAPES if steers(printable(text))]
    control = sum(steers(text) for text in ESCAPES)
    attacks.tried("terminal", len(ESCAPES), len(succeeded), control=(len(ESCAPES), control))
    assert succeeded == []
    assert control == len(ESCAPES)


@pytest.mark.parametrize(
    "text", ["Müller", "जाँच रिपोर्ट", "ﷺ", "a\tb\nc", "👨\u200d👩\u200d👧", "ok"]
)
def test_what_people_write_stays(text: str) -> None:
    assert printable(text) == text


def test_a_json_text_keeps_its_meaning() -> None:
    said = {"note": "".join(ESCAPES)}
    shown = printable(json.dumps(said, ensure_ascii=False))
    assert json.loads(shown) == said
    assert not steers(shown)


@pytest.mark.parametrize("wrong", [False, True])
def test_both_outputs_are_kept_clean(capsys: pytest.CaptureFixture[str], wrong: bool) -> None:
    terminal.say("before \x9b2J after", wrong=wrong)
    told = capsys.readouterr()
    assert r"before \u009b2J after" in (told.err if wrong else told.out)


def test_every_command_prints_by_it() -> None:
    elsewhere = [
        f"{path}:{node.lineno}"
        for path in ROOT.rglob("*.py")
        if path != Path(terminal.__file__)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and last_name(node.func) in PRINTING
    ]
    assert elsewhere == []


def last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
