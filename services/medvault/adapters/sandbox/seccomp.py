"""An allow-list of calls, kept by the kernel for this process and all its threads: seccomp(2).

The filter is a program for the kernel's classic BPF machine (Documentation/userspace-api/
seccomp_filter.rst), run before each call on its number, its architecture and its arguments.
"""

import ctypes
import errno
import struct
from collections.abc import Iterator

from medvault.adapters.sandbox import calls, kernel
from medvault.adapters.sandbox.calls import Condition
from medvault.adapters.sandbox.machines import Machine, this_machine
from medvault.domain.errors import Permanent

_GET_ACTION_AVAIL, _SET_MODE_FILTER = 2, 1
_FLAG_TSYNC = 1
_KILL_PROCESS, _ERRNO, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
_LOAD, _AND, _EQUALS, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # places in struct seccomp_data, little-endian
_X32 = 0x40000000  # from here on numbers are those of another set of calls

Instruction = tuple[int, int, int, int]
"""Operation, instructions to leave out if true, and if false, and an operand."""

_REFUSE = (_RETURN, 0, 0, _ERRNO | errno.EPERM)
_PASS = (_RETURN, 0, 0, _ALLOW)


class NoFilter(Permanent):
    """Nothing here can keep what reads hostile files from the kernel's calls."""


def require() -> None:
    """Raise `NoFilter` where `restrict` is known to fail."""
    machine = this_machine()
    if machine is None:
        raise NoFilter("files are examined on x86_64 and aarch64 only: nothing would box them in")
    action = struct.pack("=I", _KILL_PROCESS)
    try:
        kernel.syscall(machine.numbers["seccomp"], _GET_ACTION_AVAIL, 0, action)
    except OSError as error:
        raise NoFilter(
            "files can't be examined: seccomp, which boxes in what reads them, is refused by this "
            "kernel or by a profile of the container"
        ) from error


def restrict() -> None:
    """Leave this process the calls of `calls` for good; raises OSError or `NoFilter`.

    A call that is not on the list fails with EPERM; one by the numbers of another architecture
    ends the process.
    """
    machine = this_machine()
    if machine is None:
        raise NoFilter("no call of this architecture is known")
    code = b"".join(struct.pack("=HBBI", *each) for each in program(machine))
    held = ctypes.create_string_buffer(code, len(code))
    filters = struct.pack("@HP", len(code) // 8, ctypes.addressof(held))
    number = machine.numbers["seccomp"]
    if kernel.syscall(number, _SET_MODE_FILTER, _FLAG_TSYNC, filters) != 0:
        raise OSError(errno.ESRCH, "a thread is out of the filter's reach")


def program(machine: Machine) -> list[Instruction]:
    """Write the filter for an architecture."""
    return list(_program(machine))


def _program(machine: Machine) -> Iterator[Instruction]:
    yield (_LOAD, 0, 0, _ARCHITECTURE)
    yield (_EQUALS, 1, 0, machine.audit)
    yield (_RETURN, 0, 0, _KILL_PROCESS)
    yield (_LOAD, 0, 0, _NUMBER)
    yield (_AT_LEAST, 0, 1, _X32)
    yield (_RETURN, 0, 0, _KILL_PROCESS)
    for name in calls.ALWAYS:
        yield (_EQUALS, 0, 1, machine.numbers[name])
        yield _PASS
    for name in calls.UNKNOWN:
        yield (_EQUALS, 0, 1, machine.numbers[name])
        yield (_RETURN, 0, 0, _ERRNO | errno.ENOSYS)
    for name, condition in calls.CONDITIONS.items():
        judging = list(_judging(condition))
        yield (_EQUALS, 0, len(judging), machine.numbers[name])
        yield from judging
    yield _REFUSE


def _judging(condition: Condition) -> Iterator[Instruction]:
    yield (_LOAD, 0, 0, _ARGUMENTS + 8 * condition.argument)
    yield (_AND, 0, 0, condition.mask)
    for value in condition.values:
        yield (_EQUALS, 0, 1, value)
        yield _PASS
    yield _REFUSE
