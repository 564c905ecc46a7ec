"""Output for a person at a terminal: no text that was stored may steer the terminal.

A terminal obeys control characters, and a stored text is what a patient or a server chose to send:
an escape sequence could rewrite what stands above, C1 controls (U+0080 to U+009F) do the same in
one character, and bidirectional controls show a text in another order than it has.
"""

import re

import typer

_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)


def printable(text: str) -> str:
    r"""Return a text with everything that steers or hides as JSON's `\u` escapes.

    Line feeds and tabs stay, and the joiners that scripts and emoji are written with. A JSON text
    keeps its meaning.
    """
    return _STEERING.sub(_escaped, text)


def say(text: str, *, wrong: bool = False, aside: bool = False) -> None:
    """Print a text on stdout, or aside, on stderr; in red and there where something is wrong."""
    typer.secho(printable(text), fg=typer.colors.RED if wrong else None, err=wrong or aside)


def _escaped(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))
