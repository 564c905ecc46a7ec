"""Fail-points do nothing unless armed, and then what a kill does, at one place."""

import ast
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from medvault import failpoints
from medvault.failpoints import ACKNOWLEDGE, CATALOGUE, PUBLISH, OutwardStep, UnknownFailPoint
from medvault.ports.transactions import Transaction
from support.stack.service import PROGRAM

ROOM = Path(failpoints.__file__).parent
PROCESS = """
import atexit, os, sys
from medvault import failpoints
from medvault.failpoints import OutwardStep
atexit.register(print, "farewell", flush=True)
failpoints.arm(os.environ[failpoints.VARIABLE])
for turn in range(1, 4):
    failpoints.before(OutwardStep.PUT_OBJECT)
    print("put", turn, flush=True)
    failpoints.after(OutwardStep.PUT_OBJECT)
"""


def reached(armed: str) -> "subprocess.CompletedProcess[str]":
    """Puts three objects in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", PROCESS],
        env={**os.environ, failpoints.VARIABLE: armed},
        capture_output=True,
        text=True,
        timeout=30,
    )


def test_a_process_without_fail_points_lives() -> None:
    ended = reached("")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.split("\n")[-2] == "farewell"


def test_a_process_dies_before_a_step_without_a_farewell() -> None:
    ended = reached("store.copy.before,store.put.before")
    assert ended.returncode == failpoints.EXIT_CODE
    assert ended.stdout == ""
    assert ended.stderr == "fail-point store.put.before\n"


def test_a_process_dies_after_a_step_the_third_time() -> None:
    ended = reached("store.put.after:3")
    assert ended.returncode == failpoints.EXIT_CODE
    assert ended.stdout == "put 1\nput 2\nput 3\n"
    assert ended.stderr == "fail-point store.put.after\n"


@pytest.mark.parametrize("name", ["store.put", "store.putt.before", "store.put.before:often", "x"])
def test_a_name_that_nothing_has_is_refused_and_nothing_armed(name: str) -> None:
    with pytest.raises(UnknownFailPoint, match=name):
        failpoints.arm(f"store.put.before,{name}")
    failpoints.before(OutwardStep.PUT_OBJECT)


def test_a_command_with_a_fail_point_that_nothing_has_ends_with_code_2() -> None:
    ended = subprocess.run(
        [PROGRAM, "settings"],
        env={**os.environ, failpoints.VARIABLE: "store.putt.before"},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ended.returncode == 2
    assert "MEDVAULT_FAILPOINTS: there is no fail-point 'store.putt.before'" in ended.stderr
    assert ended.stdout == ""


def test_every_step_has_a_fail_point_before_and_after_it_by_a_name_of_its_own() -> None:
    writing = [transaction for transaction in Transaction if transaction.writes]
    assert len(set(CATALOGUE)) == len(CATALOGUE) == 2 * (len(writing) + len(OutwardStep))


def calls(*names: str) -> Counter[str]:
    """How often the product calls what has these names, by the first argument as it is written."""
    return Counter(
        ast.unparse(call.args[0])
        for file in ROOM.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call) and call.args and ast.unparse(call.func).endswith(names)
    )


@pytest.mark.parametrize("side", ["before", "after"])
def test_every_step_is_taken_between_its_two_fail_points(side: str) -> None:
    by_queue = {*PUBLISH.values(), *ACKNOWLEDGE.values()}
    named = {f"OutwardStep.{step.name}" for step in OutwardStep if step not in by_queue}
    looked_up = {
        "PUBLISH[queue]",
        "ACKNOWLEDGE[Queue.MEDIA]",
        "ACKNOWLEDGE[self._consumer.queue]",
    }
    found = calls(f"failpoints.{side}")
    assert set(found) == {*named, *looked_up, "name"}
    assert set(found.values()) == {1}


def test_every_transaction_is_begun_at_one_place() -> None:
    found = calls("database.begin")
    assert set(found) == {f"Transaction.{transaction.name}" for transaction in Transaction}
    assert set(found.values()) == {1}
