"""Lanes run side by side, say what they say, and end with the one who started them."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from lanes.lane import Lane, Selection
from lanes.runner import Runner, summary
from support.servers.machine import processes
from support.servers.waiting import wait_until


def lane(name: str, *scripts: str) -> Lane:
    return Lane(name=name, commands=tuple(("sh", "-c", script) for script in scripts))


def test_the_lanes_of_a_stage_run_side_by_side(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    said: list[str] = []
    meeting = (lane("one", f"echo met >{tmp_path}/pipe"), lane("other", f"cat {tmp_path}/pipe"))
    outcomes = Runner(said.append).run([meeting])
    assert all(one.passed for one in outcomes)
    assert said == ["other | met"]


def test_a_stage_begins_when_the_one_before_has_ended(tmp_path: Path) -> None:
    said: list[str] = []
    first, second = lane("first", f"touch {tmp_path}/done"), lane("second", f"ls {tmp_path}")
    Runner(said.append).run([(first,), (second,)])
    assert said == ["second | done"]


def test_a_failure_ends_its_lane_lets_its_neighbours_end_and_begins_nothing_more() -> None:
    said: list[str] = []
    broken, sound = lane("broken", "exit 3", "echo never"), lane("sound", "echo a", "echo b")
    stages = [(broken, sound), (lane("later", "echo never"),)]
    outcomes = Runner(said.append).run(stages)
    assert [(one.lane.name, one.code, one.passed) for one in outcomes] == [
        ("broken", 3, False),
        ("sound", 0, True),
    ]
    assert said == ["sound  | a", "sound  | b"]
    told = [line.split()[-2:] for line in summary(stages, outcomes)]
    assert told == [["FAILED", "broken"], ["passed", "sound"], ["run", "later"]]


def test_what_failed_is_told_again_at_the_end() -> None:
    pytest_like = "echo FAILED no more than a word; echo 'E   assert 1 == 2'; echo 1 failed; exit 1"
    other = "for one in 1 2 3 4 5 6; do echo $one; done; exit 2"
    stages = [(lane("tests", pytest_like), lane("other", other), lane("sound", "echo E   fine"))]
    told = list(summary(stages, Runner(lambda _: None).run(stages)))
    assert [line for line in told if " | " in line] == [
        "tests | FAILED no more than a word",
        "tests | E   assert 1 == 2",
        *(f"other | {one}" for one in (2, 3, 4, 5, 6)),
    ]


def test_what_is_selected_by_hand_may_leave_a_lane_without_tests(tmp_path: Path) -> None:
    nothing = str(tmp_path)
    for tests, passed in ((Selection(), False), (Selection(("-k", "anything")), True)):
        [outcome] = Runner(lambda _: None).run([(tests.lane("none", (nothing,)),)])
        assert outcome.passed is passed


def test_an_interruption_reaches_all_that_runs() -> None:
    said: list[str] = []
    runner = Runner(said.append)
    stuck = "trap 'echo clearing up; exit 1' INT; echo $$; while :; do sleep 0.05; done"

    def interrupt() -> None:
        wait_until(lambda: len(said) == 2, seconds=10, what="two lanes that run")
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    outcomes = runner.run([(lane("a", stuck), lane("b", stuck)), (lane("later", "echo never"),)])
    assert runner.interrupted
    assert sorted(said[2:]) == ["a     | clearing up", "b     | clearing up"]
    assert len(outcomes) == 2


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_nothing_is_left_of_a_run_that_is_told_to_end(tmp_path: Path, by: signal.Signals) -> None:
    script = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from lanes.lane import Lane; from lanes.runner import Runner\n"
        "one = Lane(name='one', commands=(('sh', '-c', 'echo $$; exec sleep 60'),))\n"
        "Runner(lambda line: print(line, flush=True)).run([(one,)])"
    )
    run = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert run.stdout
    pid = int(run.stdout.readline().split()[-1])
    began = time.monotonic()
    run.send_signal(by)
    run.communicate(timeout=10)
    assert time.monotonic() - began < 10
    wait_until(lambda: pid not in processes(), seconds=5, what="the end of the lane")
