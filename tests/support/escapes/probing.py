"""The parts of an attempt: a name, and something that returns truth or raises OSError."""

import ctypes
import os
from collections.abc import Callable

from support.escapes.target import Target

Attempt = Callable[[Target], object]

ATTEMPTS: dict[str, Attempt] = {}
"""By their names, in the order in which they are written."""

_MACHINE = ("x86_64", "aarch64").index(os.uname().machine)
_NUMBERS = {
    "bpf": (321, 280),
    "clone": (56, 220),
    "execveat": (322, 281),
    "keyctl": (250, 219),
    "perf_event_open": (298, 241),
    "tgkill": (234, 131),
    "userfaultfd": (323, 282),
}
_EVERYWHERE = {
    "pidfd_getfd": 438,
    "io_uring_setup": 425,
    "clone3": 435,
    "process_madvise": 440,
}

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long


def attempt(function: Attempt) -> Attempt:
    """Keeps an attempt; its name says what it does."""
    ATTEMPTS[function.__name__.replace("_", " ").strip()] = function
    return function


def call(name: str, *arguments: int | bytes | None) -> int:
    """Calls libc, or the kernel by number; raises OSError."""
    words = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    if name in _NUMBERS or name in _EVERYWHERE:
        number = _EVERYWHERE.get(name) or _NUMBERS[name][_MACHINE]
        answer = libc.syscall(ctypes.c_long(number), *words)
    else:
        function = libc[name]
        function.restype = ctypes.c_ssize_t if name.startswith("process_vm") else ctypes.c_int
        answer = function(*words)
    if answer == -1:
        raise OSError(ctypes.get_errno(), name)
    return int(answer)


def childless(pid: int) -> bool:
    """Waits for a process that did nothing but end."""
    return os.waitpid(pid, 0)[0] == pid
