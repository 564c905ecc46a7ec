"""Tries every attempt in an examiner's child of its own; children are forked, for they are many.

`python -m support.escapes.forked <box> <target>`, which writes the names of those that succeeded.
"""

import json
import os
import select
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial

from medvault.adapters.sandbox import kernel, spool
from support.escapes import evil, on_files, on_memory, on_networks, on_processes
from support.escapes.privileges import drop
from support.escapes.probing import ATTEMPTS
from support.escapes.target import Target

CAMPAIGNS = (on_memory, on_processes, on_networks, on_files)
"""Importing them is what fills `ATTEMPTS`."""
TURNED_INTO_A_SHELL = 77
_PATIENCE = 5.0


def main(state: str, target: str) -> None:
    """Tries all of them, as the user that the services run as."""
    "a".encode("idna")  # that user can't read modules that are not loaded by now
    drop()
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
    evil.weaken(state)
    facts = Target(**json.loads(target))
    succeeded = [name for name, attempt in ATTEMPTS.items() if _tried(partial(attempt, facts))]
    sys.stdout.write(json.dumps([list(ATTEMPTS), succeeded]))


def _tried(payload: Callable[[], object]) -> bool:
    ours, theirs = socket.socketpair()
    answers, told = os.pipe()
    file = spool.fill([b"%PDF-1.7\n"])
    child = os.fork()
    if child == 0:
        os.dup2(file.fileno(), 0)
        os.dup2(theirs.fileno(), 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        os.set_inheritable(told, True)
        sys.argv = ["examine", "check", "application/pdf"]
        _run(payload, told)
    os.close(told)
    theirs.close()
    file.close()
    ended, _, _ = select.select([answers], [], [], _PATIENCE)
    outcome = os.read(answers, 64) if ended else b""
    os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    os.close(answers)
    ours.close()
    return outcome == b"yes" or os.waitstatus_to_exitcode(status) == TURNED_INTO_A_SHELL


def _run(payload: Callable[[], object], told: int) -> None:
    def report() -> None:
        try:
            os.write(told, b"yes" if payload() else b"no")
        except BaseException:
            os.write(told, b"no")
            raise

    try:
        evil.take_over(report)
    finally:
        os._exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
