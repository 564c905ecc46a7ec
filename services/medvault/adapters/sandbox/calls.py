"""The calls of the kernel that are left to a child that looks into a file."""

import mmap
import os
from dataclasses import dataclass

_AT_EMPTY_PATH = 0x1000
_F_GETFD, _F_GETFL, _F_DUPFD_CLOEXEC = 1, 3, 1030
_CLONE_DETACHED = 0x400000  # musl sets it, and the kernel ignores it
_PTHREAD_CREATE = 0x3D0F00  # a thread of this process, without a namespace of its own
_WORD = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Condition:
    """An argument by its place; its lower 32 bits, those of `mask` alone, are one of `values`."""

    argument: int
    values: tuple[int, ...]
    mask: int = _WORD


ALWAYS = (
    *("read", "readv", "pread64", "write", "writev", "pwrite64", "sendfile", "lseek"),
    *("fstat", "close", "munmap", "mremap", "madvise", "brk"),
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall"),
    *("futex", "set_robust_list", "rseq", "membarrier", "sched_yield", "sched_getaffinity"),
    *("clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday"),
    *("getpid", "gettid", "getrusage", "getrandom", "exit", "exit_group"),
)
UNKNOWN = ("clone3",)
"""What is said not to exist: its flags lie in memory, where no filter sees them, and the C library
takes clone instead."""

_NO_CODE = Condition(2, (0,), mmap.PROT_EXEC)
_CONDITIONS = {
    "mmap": _NO_CODE,
    "mprotect": _NO_CODE,
    "clone": Condition(0, (_PTHREAD_CREATE,), _WORD & ~_CLONE_DETACHED),
    "fcntl": Condition(1, (_F_GETFD, _F_GETFL, _F_DUPFD_CLOEXEC)),
}
_STAT_OF_A_DESCRIPTOR = Condition(3, (_AT_EMPTY_PATH,))


def conditions(libc: str | None = None) -> dict[str, Condition]:
    """Return what may be called on a condition; `libc` is such as "glibc 2.41", else this one.

    Before 2.39 glibc has fstat(3) ask for a name, an empty one. There a child can learn whether a
    file exists and how large it is, but not what is in it.
    """
    name, _, version = (_this_libc() if libc is None else libc).partition(" ")
    parts = tuple(int(part) for part in version.split(".") if part.isdigit())
    if name == "glibc" and parts < (2, 39):
        return _CONDITIONS | {"newfstatat": _STAT_OF_A_DESCRIPTOR}
    return _CONDITIONS


def _this_libc() -> str:
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (ValueError, OSError):
        return ""
