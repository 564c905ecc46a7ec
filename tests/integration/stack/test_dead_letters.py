"""`medvault dead-letters` as an administrator types it."""

import json
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest

from support.servers.waiting import wait_until
from support.stack.dead_letters import command, dead, listed, wait_for_dead
from support.stack.forking import run
from support.stack.meta import envelope, messages
from support.stack.stack import Stack

CANARY = "unmistakable canary"
STEERING = "\x9b2J\x7f\u202e"
"""Clears a terminal in one character, and shows a text from right to left."""
REVEALED = "SELECT count(*) FROM audit WHERE action = 'dead_letter.revealed'"


@pytest.fixture(scope="module")
def letter(stack: Stack) -> str:
    """The id of a message that nobody can read."""
    phone, before = stack.phone(), len(dead(stack, "update"))
    phone.say("hello", "Welcome")
    element = {"from_user_id": phone.user_id, "id": f"wamid.{token_hex(8)}", "type": "text"}
    assert stack.meta.post(envelope(messages({**element, "note": CANARY + STEERING}))).status == 200
    wait_for_dead(stack, "update", before + 1)
    return dead(stack, "update")[-1][0]


def test_a_list_has_reasons_and_no_content(stack: Stack, letter: str) -> None:
    table = command(stack, "list")
    assert table.returncode == 0, table.stderr
    (line,) = [line for line in table.stdout.splitlines() if letter in line]
    assert line.split()[1] == "update"
    assert "unreadable" in line
    (found,) = [found for found in listed(stack, "--kind", "update") if found["id"] == letter]
    assert found["attempts"] == 5
    assert CANARY not in table.stdout + json.dumps(found)
    assert table.stderr == ""


def test_lists_can_be_narrowed(stack: Stack, letter: str) -> None:
    assert letter in command(stack, "list", "--kind", "update").stdout
    assert letter not in command(stack, "list", "--kind", "webhook").stdout
    assert letter not in command(stack, "list", "--older-than", "1d").stdout
    assert command(stack, "list", "--older-than", "soon").returncode == 2


def test_a_content_is_shown_only_to_who_says_why(stack: Stack, letter: str) -> None:
    before = stack.vault.tables.column(REVEALED)
    shown = command(stack, "show", letter)
    assert shown.returncode == 0
    assert json.loads(shown.stdout)["reason"] == "unreadable"
    without = command(stack, "show", letter, "--reveal", "--reason", " ")
    assert without.returncode == 2
    assert CANARY not in shown.stdout + without.stdout + without.stderr
    assert stack.vault.tables.column(REVEALED) == before
    revealed = command(stack, "show", letter, "--reveal", "--reason", "a test", "--as", "admin")
    assert revealed.returncode == 0, revealed.stderr
    assert CANARY + r"\u009b2J\u007f\u202e" in revealed.stdout
    assert not set(STEERING) - set("2J") & set(revealed.stdout)
    assert stack.vault.tables.column(REVEALED) == [before[0] + 1]


@pytest.mark.parametrize("asked", [("show",), ("replay",), ("discard", "--reason", "x")])
def test_ids_that_nothing_has_are_told(stack: Stack, asked: tuple[str, ...]) -> None:
    unknown = command(stack, asked[0], str(uuid4()), *asked[1:])
    assert unknown.returncode == 2
    assert "is not the id of a dead letter" in unknown.stdout + unknown.stderr
    wrong = command(stack, asked[0], "not-an-id", *asked[1:])
    assert wrong.returncode == 2
    assert "Traceback" not in unknown.stderr + wrong.stderr


@pytest.mark.parametrize(
    ("wrong", "code", "words"),
    [
        ({"netloc": "medvault_nobody:wrong@127.0.0.1:{port}"}, 2, "refuses the user or the passw"),
        ({"path": "/not_there"}, 2, "has no database of that name"),
        ({"netloc": "somebody@127.0.0.1:9"}, 75, "does not answer"),
    ],
    ids=["login", "database", "address"],
)
def test_it_says_why_it_does_not_get_in(
    stack: Stack, wrong: dict[str, str], code: int, words: str
) -> None:
    environment = dict(stack.inbound.environment)
    file = environment.pop("MEDVAULT_DATABASE_URL_FILE", None)
    right = urlsplit(Path(file).read_text() if file else environment["MEDVAULT_DATABASE_URL"])
    parts = {name: value.format(port=right.port) for name, value in wrong.items()}
    url = urlunsplit(right._replace(**parts))
    ended = run(["dead-letters", "list"], environment | {"MEDVAULT_DATABASE_URL": url})
    assert (ended.returncode, words in ended.stderr) == (code, True), ended.stderr
    assert "MEDVAULT_DATABASE_URL" in ended.stderr


def test_a_replay_that_names_nothing_is_refused(stack: Stack) -> None:
    assert command(stack, "replay").returncode == 2
    assert command(stack, "replay", str(uuid4()), "--all").returncode == 2
    assert command(stack, "discard", "--reason", "x").returncode == 2


def test_the_gauge_shows_what_nobody_has_dealt_with(stack: Stack, letter: str) -> None:
    def shown() -> float:
        return stack.inbound.metric("medvault_dead_letters", kind="update")

    open_now = len(dead(stack, "update"))
    wait_until(lambda: shown() == open_now, seconds=10, what="the gauge")
    assert stack.inbound.metric("medvault_dead_letter_age_seconds", kind="update") > 0
    for said in ("is discarded", "was dealt with before"):
        ended = command(stack, "discard", letter, "--reason", "a test")
        assert ended.returncode == 0, ended.stderr
        assert said in ended.stdout
    wait_until(lambda: shown() == open_now - 1, seconds=10, what="the gauge")
    assert "was dealt with before" in command(stack, "replay", letter).stdout
