"""`medvault patient`: the clinic's desk locks a vault; all else takes a second person."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, NamedTuple, NoReturn
from uuid import UUID

import typer
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from medvault.cli.dead_letters import Who
from medvault.cli.start import start
from medvault.observability.terminal import say

if TYPE_CHECKING:
    from medvault.application.desk_books import ByTwo
    from medvault.application.patient_desk import PatientDesk

app = typer.Typer(
    name="patient",
    help="Lock a patient's vault, open it, join it with one of before, or undo that.",
    no_args_is_help=True,
)

Reason = Annotated[str, typer.Option(help="Why; the audit keeps it.")]
Login = Annotated[
    str | None,
    typer.Option(help="Your own login at the database; its password is asked for."),
]

_SAID = {
    "unknown": "No request has this id.",
    "own": "You asked for this yourself: somebody else, with a login of their own, has to approve.",
    "late": "This was asked for more than an hour ago: ask again.",
    "done": "This was approved before; nothing is changed.",
}

Ask = Annotated[bool, typer.Option("--ask", help="Ask for it; somebody else approves.")]
Approve = Annotated[
    UUID | None, typer.Option(help="Approve what somebody else asked for, by its id.")
]


class _Request(NamedTuple):
    """An act of two people: how the vault is known, where it is done, and what is said then."""

    typed: str
    by_two: "Callable[[PatientDesk], ByTwo]"
    approved: str
    changed: str
    known: "Callable[[PatientDesk, UUID], Iterator[str]]" = lambda desk, request: iter(())  # noqa: ARG005


@app.command()
def lock(who: Who, reason: Reason = "", login: Login = None) -> None:
    """Lock a vault at once: nothing leaves it, and no PIN opens it. One person is enough.

    The phone number or user id is read from the terminal or from standard input.
    """
    _require(reason)
    with _desk(login) as desk:
        desk.lock(_read("Phone number or user id"), who, reason.strip())
    say("The vault is locked; its patient is told.")


@app.command()
def unlock(
    who: Who,
    ask: Ask = False,
    approve: Approve = None,
    reason: Reason = "",
    login: Login = None,
) -> None:
    """Open a locked vault: one person asks, another approves within an hour.

    Before you ask, have the patient write from the phone in front of you, and see their
    identity document: the person who wrote last is let in.
    """
    _by_two(_UNLOCKING, who, reason, login, ask=ask, approve=approve)


@app.command()
def join(
    who: Who,
    ask: Ask = False,
    approve: Approve = None,
    reason: Reason = "",
    login: Login = None,
) -> None:
    """Give a patient the reports that were filed when their phone number alone was known.

    Have the patient write from the phone in front of you, and see their identity document: the
    person who has the number now reads those reports. One person asks, another approves within an
    hour.
    """
    _by_two(_JOINING, who, reason, login, ask=ask, approve=approve)


@app.command()
def unjoin(
    who: Who,
    ask: Ask = False,
    approve: Approve = None,
    reason: Reason = "",
    login: Login = None,
) -> None:
    """Undo a joining that was a mistake: the reports are closed again, as they were before.

    Name the phone number that was joined. One person asks, another approves within an hour.
    """
    _by_two(_UNJOINING, who, reason, login, ask=ask, approve=approve)


def _left_behind(desk: "PatientDesk", request: UUID) -> Iterator[str]:
    """Say what of a vault does not come along, and why."""
    left = desk.joining.left_behind(request)
    if left.unfiled:
        yield (
            f"{left.unfiled} files that were sent and never filed stay behind: nobody has said "
            "what they are, and they are sealed for the conversation that they came in. The "
            "patient may send them again."
        )
    if left.locked:
        yield (
            "The vault of before was locked, as somebody else may have written: a joining opens "
            "its reports all the same. Be sure whose they are."
        )


_UNLOCKING = _Request(
    "Phone number or user id",
    lambda desk: desk.unlocking,
    "The vault is open; its patient is told.",
    "The vault is open already, or was locked again since then: look at the patient again, then "
    "ask again.",
)
_JOINING = _Request(
    "Phone number",
    lambda desk: desk.joining,
    "The vaults are joined; the patient is told. A PIN of before opens neither of them.",
    "The patient's vault is locked: open it first, then ask again.",
    _left_behind,
)
_UNJOINING = _Request(
    "Phone number",
    lambda desk: desk.unjoining,
    "The vaults are two again; the patient is told.",
    "This joining was undone before; nothing is changed.",
)


def _by_two(
    request: _Request,
    who: str,
    reason: str,
    login: str | None,
    *,
    ask: bool,
    approve: UUID | None,
) -> None:
    """Ask, or approve; the id goes to standard output, and what else is known beside it."""
    if ask == (approve is not None):
        _refuse("Give either --ask or --approve and an id.")
    if approve is None:
        _require(reason)
    with _desk(login) as desk:
        if approve is None:
            asked = request.by_two(desk).ask(_read(request.typed), who, reason.strip())
            say(f"{asked}")
            for known in request.known(desk, asked):
                say(known, aside=True)
            say("Somebody else approves it with this id, within an hour.", aside=True)
            return
        known_too = tuple(request.known(desk, approve))
        answer = request.by_two(desk).approve(approve, who)
    if answer != "approved":
        _refuse(_SAID.get(answer, request.changed))
    for known in known_too:
        say(known, aside=True)
    say(request.approved)


@contextmanager
def _desk(login: str | None) -> "Iterator[PatientDesk]":
    from medvault.bootstrap import foundation
    from medvault.bootstrap.desk import make_patient_desk

    settings = start("patient", "patient")
    if login is not None:
        url = make_url(foundation.secret(settings.database_url))
        own = url.set(username=login, password=_read("Password", hidden=True))
        secret = SecretStr(own.render_as_string(hide_password=False))
        settings = settings.model_copy(update={"database_url": secret})
    base = foundation.Foundation(settings)
    try:
        desk = make_patient_desk(base)
        base.require_schema()
        yield desk
    finally:
        base.close()


def _read(what: str, *, hidden: bool = False) -> str:
    """Read a line, asked for at a terminal: every process can see what a command line holds."""
    if sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=hidden, err=True))
    return sys.stdin.readline().rstrip("\n")


def _require(reason: str) -> None:
    if not reason.strip():
        _refuse("Say why with --reason; the audit keeps it.")


def _refuse(said: str) -> NoReturn:
    say(said, wrong=True)
    raise typer.Exit(2)
