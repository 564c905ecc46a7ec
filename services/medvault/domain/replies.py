"""Replies to a patient, independent of the channel that carries them."""

from dataclasses import dataclass, replace

MAX_BODY = 1024
MAX_BUTTONS = 3
MAX_ROWS = 10


@dataclass(frozen=True, slots=True)
class Button:
    """A tappable answer: id up to 200 characters, title up to 20."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a list: id up to 200 characters, title up to 24, description up to 72."""

    id: str
    title: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """A text with either up to three buttons or a list of up to ten rows under `menu`'s title."""

    body: str
    buttons: tuple[Button, ...] = ()
    rows: tuple[Row, ...] = ()
    menu: str = ""

    def after(self, earlier: "Reply") -> "Reply | None":
        """Merge with what was said just before, as messages cost and may overtake each other.

        None where they don't fit into one message.
        """
        if earlier.buttons or earlier.rows or len(earlier.body) + len(self.body) + 2 > MAX_BODY:
            return None
        return replace(self, body=f"{earlier.body}\n\n{self.body}")


def clip(text: str, length: int) -> str:
    """Shorten to a limit of the channel, visibly."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
