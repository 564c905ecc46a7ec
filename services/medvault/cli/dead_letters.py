"""`medvault dead-letters`: work that was tried too often, and what is done about it."""

import getpass
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, NoReturn
from uuid import UUID

import typer

from medvault.cli.start import start
from medvault.domain.dead_letters import AT_MOST, DeadLetter, Kind, RequestOutcome
from medvault.observability.terminal import say

if TYPE_CHECKING:
    from medvault.application.dead_letters import DeadLetterDesk

app = typer.Typer(
    name="dead-letters",
    help="What was tried five times and set aside: look at it, put it back in line, or end it.",
    no_args_is_help=True,
)

Ids = Annotated[list[UUID] | None, typer.Argument(help="Ids, as `list` shows them.")]
OfKind = Annotated[Kind | None, typer.Option("--kind", help="Only those of this kind.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return f"uid {os.getuid()}"


def _asker(named: str) -> str:
    """Keep the login beside another name: the person who asks may add to it, and not hide it."""
    login = _user()
    return named if named == login else f"{named} (login {login})"


Who = Annotated[
    str,
    typer.Option(
        "--as",
        help="Who asks, for the audit, beside the login.",
        default_factory=_user,
        callback=_asker,
    ),
]

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_SAID = {
    RequestOutcome.REPLAYED: "is back in line",
    RequestOutcome.DISCARDED: "is discarded, its content is gone",
    RequestOutcome.ENDED_BEFORE: "was dealt with before, nothing is changed",
    RequestOutcome.IMPOSSIBLE: "can't be replayed: its patient was asked to send it again, or it "
    "can't be opened, or the vault is locked; `show` and `discard` are left",
    RequestOutcome.UNKNOWN: "is not the id of a dead letter",
}


def _age(text: str) -> timedelta:
    found = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if found is None:
        raise typer.BadParameter("give a number and a unit, as 90s, 10m, 2h or 1d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


@app.command("list")
def list_them(
    kind: OfKind = None,
    older_than: Annotated[str, typer.Option(help="As 90s, 10m, 2h or 1d.")] = "0s",
    as_json: AsJson = False,
) -> None:
    """List what nobody has dealt with, oldest first. No content is shown."""
    age = _age(older_than)
    with _desk() as desk:
        found = desk.listed(kind, age)
    if as_json:
        say(json.dumps([_fields(letter) for letter in found], indent=2))
        return
    _table([_row(letter) for letter in found])
    more = " or more" if len(found) == AT_MOST else ""
    say(f"{len(found)}{more} dead letters.")


@app.command()
def show(
    who: Who,
    id: Annotated[UUID, typer.Argument(help="Its id, as `list` shows it.")],
    reveal: Annotated[
        bool, typer.Option("--reveal", help="Print its content too; the audit keeps that.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why you have to see the content.")] = "",
) -> None:
    """Show one; its content only with --reveal and a --reason, which the audit keeps."""
    if reveal:
        _require(reason)
    with _desk() as desk:
        letter = desk.show(id)
        if letter is None:
            _refuse(f"{id} {_SAID[RequestOutcome.UNKNOWN]}.")
        say(json.dumps(_fields(letter), indent=2))
        if reveal:
            say(desk.reveal(id, who, reason.strip()).decode(errors="replace"))


@app.command()
def replay(
    who: Who,
    ids: Ids = None,
    everything: Annotated[bool, typer.Option("--all", help="All that `list` shows.")] = False,
    kind: OfKind = None,
) -> None:
    """Put dead letters back in line, with no try counted; again changes nothing."""
    if bool(ids) == everything:
        _refuse("Give ids, or --all.")
    with _desk() as desk:
        wanted = ids or [letter.id for letter in desk.listed(kind)]
        _tell(wanted, lambda id: desk.replay(id, who))


@app.command()
def discard(
    who: Who,
    ids: Ids = None,
    reason: Annotated[str, typer.Option(help="Why it may be lost.")] = "",
) -> None:
    """End dead letters for good; their content goes, the audit keeps the reason."""
    if not ids:
        _refuse("Give ids.")
    _require(reason)
    with _desk() as desk:
        _tell(ids, lambda id: desk.discard(id, who, reason.strip()))


@contextmanager
def _desk() -> "Iterator[DeadLetterDesk]":
    from medvault.bootstrap import foundation
    from medvault.bootstrap.desk import make_dead_letter_desk

    base = foundation.Foundation(start("dead-letters", "dead-letters"))
    try:
        base.require_schema()
        yield make_dead_letter_desk(base)
    finally:
        base.close()


def _tell(ids: Sequence[UUID], act: Callable[[UUID], RequestOutcome]) -> None:
    """Act on each and say what became of it; an id that nothing has ends the command with 2."""
    outcomes = []
    for id in dict.fromkeys(ids):
        outcomes.append(act(id))
        say(f"{id} {_SAID[outcomes[-1]]}.")
    if RequestOutcome.UNKNOWN in outcomes:
        raise typer.Exit(2)


def _require(reason: str) -> None:
    if not reason.strip():
        _refuse("Say why with --reason; the audit keeps it.")


def _refuse(said: str) -> NoReturn:
    say(said, wrong=True)
    raise typer.Exit(2)


def _fields(letter: DeadLetter) -> dict[str, object]:
    fields = asdict(letter)
    return {
        name: value.isoformat(timespec="seconds")
        if isinstance(value, datetime)
        else str(value)
        if isinstance(value, UUID)
        else value
        for name, value in fields.items()
    }


def _row(letter: DeadLetter) -> list[str]:
    age = timedelta(seconds=int((datetime.now(UTC) - letter.died_at).total_seconds()))
    died = letter.died_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    words = [str(letter.attempts), letter.reason, letter.error or "-", str(age)]
    return [str(letter.id), letter.kind, died, *words]


def _table(rows: Iterable[list[str]]) -> None:
    table = [["ID", "KIND", "DIED (UTC)", "TRIES", "REASON", "ERROR", "AGE"], *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        say("  ".join(cells).rstrip())
