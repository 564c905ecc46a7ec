"""`medvault patient` as the clinic's desk types it, each person with a login of their own."""

import subprocess
from collections.abc import Iterator
from secrets import token_hex

import pytest

from medvault import failpoints
from medvault.ports.transactions import Transaction
from support.stack.dying import AT_THE_DESK, sides
from support.stack.forking import run
from support.stack.phone import Phone
from support.stack.stack import Stack

WORD, WHY = "pass word", ("--reason", "a test")
LOCKED, OPEN = "Your clinic has *locked* this vault.", "Your clinic has opened your vault again."


@pytest.fixture
def logins(stack: Stack) -> Iterator[list[str]]:
    """Two people of the desk."""
    names = [f"desk_{token_hex(4)}" for _ in range(2)]
    for name in names:
        stack.vault.tables.administer(f"CREATE ROLE {name} LOGIN PASSWORD '{WORD}'")
        stack.vault.tables.administer(f"GRANT medvault_desk TO {name}")
    yield names
    for name in names:
        stack.vault.tables.administer(f"DROP ROLE {name}")


def types(
    stack: Stack, typed: tuple[str, ...], *command: str, dies_at: str = ""
) -> "subprocess.CompletedProcess[str]":
    """Runs `medvault patient` and types these lines into it."""
    environment = {**stack.inbound.environment, failpoints.VARIABLE: dies_at}
    lines = "".join(f"{line}\n" for line in typed)
    return run(["patient", *command], environment, typed=lines)


def asks(stack: Stack, login: str, phone: Phone) -> str:
    """One person asks for a vault to be opened; returns the request."""
    asked = types(stack, (WORD, phone.number or ""), "unlock", "--ask", "--login", login, *WHY)
    assert asked.returncode == 0, asked.stderr
    return asked.stdout.strip()


def test_the_desk_locks_alone_and_opens_with_a_second_person(
    stack: Stack, logins: list[str]
) -> None:
    phone = stack.phone()
    phone.say("hello", "Welcome")
    locked = types(stack, (phone.user_id,), "lock", *WHY, "--as", "Asha")
    assert (locked.returncode, locked.stderr) == (0, "")
    phone.answer(LOCKED)
    phone.say("LIST", LOCKED)
    request = asks(stack, logins[0], phone)
    own = types(stack, (WORD,), "unlock", "--approve", request, "--login", logins[0])
    assert own.returncode == 2
    assert "somebody else" in own.stderr
    approved = types(stack, (WORD,), "unlock", "--approve", request, "--login", logins[1])
    assert approved.returncode == 0, approved.stderr
    phone.answer(OPEN)
    phone.say("LIST", "empty")
    for told in (locked, own, approved):
        assert phone.user_id not in told.stdout + told.stderr
        assert (phone.number or "")[1:] not in told.stdout + told.stderr


def test_what_is_wrong_is_said_in_a_line(stack: Stack, logins: list[str]) -> None:
    for typed, command, said in (
        ((), ("unlock",), "either --ask or --approve"),
        ((), ("unlock", "--ask"), "--reason"),
        ((), ("lock",), "--reason"),
        (("DE.nobody",), ("lock", *WHY), "nobody's vault"),
        (("wrong word", "DE.nobody"), ("lock", *WHY, "--login", logins[0]), "password"),
    ):
        ended = types(stack, typed, *command)
        assert ended.returncode == 2
        assert said in ended.stderr
        assert "Traceback" not in ended.stderr


def test_whoever_dies_at_the_desk_has_done_it_once_or_not_at_all(
    stack: Stack, logins: list[str]
) -> None:
    phone, (first, second) = stack.phone(), logins
    phone.say("hello", "Welcome")
    before, after = sides(Transaction.LOCK_PATIENT)
    for name, done in ((before, 0), (after, 1)):
        died = types(stack, (phone.user_id,), "lock", *WHY, dies_at=name)
        assert died.returncode == failpoints.EXIT_CODE
        assert stack.vault.audit(phone).count("identity.locked") == done
    phone.answer(LOCKED)
    for name, done in zip(sides(Transaction.ASK_UNLOCKING), (0, 1), strict=True):
        ask = ("unlock", "--ask", "--login", first, *WHY)
        died = types(stack, (WORD, phone.user_id), *ask, dies_at=name)
        assert died.returncode == failpoints.EXIT_CODE
        assert stack.vault.audit(phone).count("unlocking.asked") == done
    request = asks(stack, first, phone)
    for name, done in zip(sides(Transaction.APPROVE_UNLOCKING), (0, 1), strict=True):
        approve = ("unlock", "--approve", request, "--login", second)
        died = types(stack, (WORD,), *approve, dies_at=name)
        assert died.returncode == failpoints.EXIT_CODE
        assert stack.vault.audit(phone).count("unlocking.approved") == done
    phone.answer(OPEN)


@pytest.fixture
def left_behind(stack: Stack) -> Iterator[Phone]:
    """A patient of whom Meta told no user id at first: one report is filed, another one is not."""
    stack.meta.control("PATCH", "/app", json={"user_ids": False})
    phone = stack.phone()
    phone.send(sample="blood-test")
    phone.answer("What date")
    for said, expect in (("2 May 2019", "Which"), ("Apollo", "kind"), ("lab", "file it?")):
        phone.say(said, expect)
    phone.say("yes", "Filed")
    phone.send(sample="prescription")
    phone.answer("What date")
    stack.meta.control("PATCH", "/app", json={"user_ids": True})
    phone.say("LIST", "*closed*")
    yield phone
    stack.meta.control("PATCH", "/app", json={"user_ids": True})


def test_the_desk_joins_what_was_left_behind_once_or_not_at_all(
    stack: Stack, logins: list[str], left_behind: Phone
) -> None:
    phone, (first, second) = left_behind, logins
    ask = ("join", "--ask", "--login", first, *WHY)
    for name, done in zip(sides(Transaction.ASK_JOINING), (0, 1), strict=True):
        died = types(stack, (WORD, phone.number or ""), *ask, dies_at=name)
        assert died.returncode == failpoints.EXIT_CODE
        assert stack.vault.audit(phone).count("joining.asked") == done
    asked = types(stack, (WORD, phone.number or ""), *ask)
    assert asked.returncode == 0, asked.stderr
    approve = ("join", "--approve", asked.stdout.strip(), "--login")
    assert types(stack, (WORD,), *approve, first).returncode == 2
    for name, done in zip(sides(Transaction.APPROVE_JOINING), (0, 1), strict=True):
        died = types(stack, (WORD,), *approve, second, dies_at=name)
        assert died.returncode == failpoints.EXIT_CODE
        assert stack.vault.audit(phone).count("joining.approved") == done
    phone.answer("brought the reports")
    listed = phone.say("LIST", "1 to 1 of 1")
    sent = phone.tap(listed["rows"][0]["id"], "2 May 2019")
    [filed] = [one["media_id"] for one in phone.chat() if one.get("filename") == "blood-test.pdf"][
        :1
    ]
    assert phone.download(sent) == stack.meta.download(filed)
    again = types(stack, (WORD, phone.number or ""), *ask)
    assert (again.returncode, "no vault with reports" in again.stderr) == (2, True)


def test_the_desk_is_told_what_a_joining_leaves_behind_and_undoes_it_once_or_not_at_all(
    stack: Stack, logins: list[str], left_behind: Phone
) -> None:
    phone, (first, second) = left_behind, logins
    known = (WORD, phone.number or "")
    ask = ("join", "--ask", "--login", first, *WHY)
    for count, name in enumerate(sides(Transaction.LEFT_BEHIND), start=1):
        assert types(stack, known, *ask, dies_at=name).returncode == failpoints.EXIT_CODE
        assert stack.vault.audit(phone).count("joining.asked") == count
    asked = types(stack, known, *ask)
    approved = types(stack, (WORD,), "join", "--approve", asked.stdout.strip(), "--login", second)
    for told in (asked, approved):
        assert "1 files that were sent and never filed stay behind" in told.stderr
    phone.answer("brought the reports")
    ask = ("unjoin", "--ask", "--login", first, *WHY)
    for name, done in zip(sides(Transaction.ASK_UNJOINING), (0, 1), strict=True):
        assert types(stack, known, *ask, dies_at=name).returncode == failpoints.EXIT_CODE
        assert stack.vault.audit(phone).count("unjoining.asked") == done
    approve = ("unjoin", "--approve", types(stack, known, *ask).stdout.strip(), "--login")
    for name, done in zip(sides(Transaction.APPROVE_UNJOINING), (0, 1), strict=True):
        assert types(stack, (WORD,), *approve, second, dies_at=name).returncode == (
            failpoints.EXIT_CODE
        )
        assert stack.vault.audit(phone).count("unjoining.approved") == done
    phone.answer("are not here any more")
    phone.say("LIST", "empty")


def test_each_step_of_the_desk_was_died_at() -> None:
    assert len(AT_THE_DESK) == 8
