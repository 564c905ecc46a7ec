"""An examiner's child whose parser is hostile code: as if a file had taken it over.

`python evil.py <box> <payload> <mark> check application/pdf …`
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from typing import BinaryIO

from medvault import examine
from medvault.adapters.sandbox import box, landlock, structure
from medvault.adapters.sandbox.limits import Limits
from medvault.domain.media import Verdict

BOXED, WITHOUT_LANDLOCK, LIMITS_ONLY = "boxed", "without_landlock", "limits_only"
"""As it is; as on a kernel that has no Landlock; as it was without a box."""
MARK = "left-behind"
MANY = 40


def weaken(state: str) -> None:
    """Takes a part of the box away from the children of this process."""
    if state == WITHOUT_LANDLOCK:
        landlock.available = lambda: 0
    elif state == LIMITS_ONLY:
        box.shut = lambda: None


def take_over(payload: Callable[[], object]) -> None:
    """Examines a PDF, with a payload in place of what reads it."""

    def objection(file: BinaryIO, limits: Limits, copy: object = None) -> Verdict | None:
        payload()
        return None

    structure.objection = objection
    examine.main()


def multiply() -> None:
    """Starts processes that nobody can end by their group."""
    for _ in range(MANY):
        started = os.fork()
        if started == 0:
            os.setsid()
            signal.alarm(20)
            while True:
                time.sleep(1)
        while os.getsid(started) != started:
            time.sleep(0.001)


def burn() -> None:
    """Uses up its time, and does not let itself be told so."""
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    while True:
        pass


def say(answer: bytes) -> Callable[[], None]:
    """Answers instead of the parser, and ends."""

    def payload() -> None:
        os.write(1, answer)
        os._exit(0)

    return payload


ANSWERS = {
    "clean": b"objection clean\n",
    "clean as it was said before": b'{"verdict": "clean"}\n',
    "sound": b"sound\n",
    "not scanned": b"objection not_scanned\n",
    "noise": b"\xff" * 1000,
    "a size": b"size 5\nhello",
    "nothing": b"",
    "depths": b"[" * 100_000,
    "ready again": b"ready\nready\n",
}
PAYLOADS = {name: say(answer) for name, answer in ANSWERS.items()} | {
    "multiply": multiply,
    "burn": burn,
}


def main(state: str, payload: str, mark: str, *arguments: str) -> None:
    """Runs one payload, as the examiner starts it; `mark` tells the processes of it apart."""
    assert mark == MARK
    weaken(state)
    sys.argv = ["examine", *arguments]
    take_over(PAYLOADS[payload])


if __name__ == "__main__":
    main(*sys.argv[1:])
