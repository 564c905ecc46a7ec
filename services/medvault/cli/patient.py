"""`medvault patient`: the clinic's desk locks a vault; a second person has to open or join one."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, NoReturn
from uuid import UUID

import typer
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from medvault.cli.dead_letters import Who
from medvault.cli.start import start
from medvault.observability.terminal import say

if TYPE_CHECKING:
    from medvault.application.patient_desk import PatientDesk

app = typer.Typer(
    name="patient",
    help="Lock a patient's vault, open it again, or join it with one of before.",
    no_args_is_help=True,
)

Reason = Annotated[str, typer.Option(help="Why; the audit keeps it.")]
Login = Annotated[
    str | None,
    typer.Option(help="Your own login at the database; its password is asked for."),
]

_SAID = {
    "approved": "The vault is open; its patient is told.",
    "unknown": "No request has this id.",
    "own": "You asked for this yourself: somebody else, with a login of their own, has to approve.",
    "late": "This was asked for more than an hour ago: ask again.",
    "done": "This was approved before; nothing is changed.",
    "changed": "The vault is open already, or was locked anew since then: look at the patient "
    "again, then ask again.",
}


_SAID_OF_JOINING = {
    "approved": "The vaults are joined; the patient is told.",
    "changed": "The patient's vault is locked: open it first, then ask again.",
}


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
    ask: Annotated[bool, typer.Option("--ask", help="Ask for a vault to be opened.")] = False,
    approve: Annotated[
        UUID | None, typer.Option(help="Approve what somebody else asked for, by its id.")
    ] = None,
    reason: Reason = "",
    login: Login = None,
) -> None:
    """Open a locked vault: one person asks, another approves within an hour.

    Before you ask, have the patient write from the phone in front of you, and see their
    identity document: whoever wrote last is let in.
    """
    if ask == (approve is not None):
        _refuse("Give either --ask or --approve and an id.")
    if approve is None:
        _require(reason)
    with _desk(login) as desk:
        if approve is None:
            request = desk.ask(_read("Phone number or user id"), who, reason.strip())
            say(f"{request}")
            say("Somebody else approves it with this id, within an hour.", aside=True)
            return
        answer = desk.approve(approve, who)
    if answer != "approved":
        _refuse(_SAID[answer])
    say(_SAID[answer])


@app.command()
def join(
    who: Who,
    ask: Annotated[bool, typer.Option("--ask", help="Ask for two vaults to be joined.")] = False,
    approve: Annotated[
        UUID | None, typer.Option(help="Approve what somebody else asked for, by its id.")
    ] = None,
    reason: Reason = "",
    login: Login = None,
) -> None:
    """Give a patient the reports that were filed when their phone number alone was known.

    Have the patient write from the phone in front of you, and see their identity document: whoever
    has the number now reads those reports. One person asks, another approves within an hour.
    """
    if ask == (approve is not None):
        _refuse("Give either --ask or --approve and an id.")
    if approve is None:
        _require(reason)
    with _desk(login) as desk:
        if approve is None:
            request = desk.ask_joining(_read("Phone number"), who, reason.strip())
            say(f"{request}")
            say("Somebody else approves it with this id, within an hour.", aside=True)
            return
        answer = desk.approve_joining(approve, who)
    said = _SAID | _SAID_OF_JOINING
    if answer != "approved":
        _refuse(said[answer])
    say(said[answer])


@contextmanager
def _desk(login: str | None) -> "Iterator[PatientDesk]":
    from medvault import bootstrap
    from medvault.bootstrap import foundation

    settings = start("patient", "patient")
    if login is not None:
        url = make_url(foundation.secret(settings.database_url))
        own = url.set(username=login, password=_read("Password", hidden=True))
        secret = SecretStr(own.render_as_string(hide_password=False))
        settings = settings.model_copy(update={"database_url": secret})
    base = foundation.Foundation(settings)
    try:
        desk = bootstrap.patient_desk(base)
        base.require_schema()
        yield desk
    finally:
        base.close()


def _read(what: str, *, hidden: bool = False) -> str:
    """Read a line, asked for at a terminal: what a command line holds, every process can see."""
    if sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=hidden, err=True))
    return sys.stdin.readline().rstrip("\n")


def _require(reason: str) -> None:
    if not reason.strip():
        _refuse("Say why with --reason; the audit keeps it.")


def _refuse(said: str) -> NoReturn:
    say(said, wrong=True)
    raise typer.Exit(2)
