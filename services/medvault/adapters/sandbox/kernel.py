"""Calls of Linux that Python has no name for."""

import ctypes
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38


def prctl(option: int, value: int) -> None:
    """Set an option of this process (prctl(2)); raises OSError."""
    _called(_libc().prctl, option, value, 0, 0, 0)


def syscall(number: int, *arguments: int | bytes | ctypes.Array[ctypes.c_char] | None) -> int:
    """Call the kernel by number (syscall(2)); raises OSError."""
    return _called(_libc().syscall, number, *arguments)


def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return libc


def _called(
    function: Callable[..., int],
    *arguments: int | bytes | ctypes.Array[ctypes.c_char] | None,
) -> int:
    # As it stands ctypes would pass an int of 32 bits, and leave what is above them to chance.
    words = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    answer = function(*words)
    if answer < 0:
        raise OSError(ctypes.get_errno(), "the kernel refuses a call")
    return answer
