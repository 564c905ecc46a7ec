"""The calls of the kernel that are left to a child that looks into a file."""

import mmap
from dataclasses import dataclass

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
"""A call that is said not to exist: its flags lie in memory, where no filter sees them, and the C
library takes clone instead."""

_NO_CODE = Condition(2, (0,), mmap.PROT_EXEC)
CONDITIONS = {
    "mmap": _NO_CODE,
    "mprotect": _NO_CODE,
    "clone": Condition(0, (_PTHREAD_CREATE,), _WORD & ~_CLONE_DETACHED),
    "fcntl": Condition(1, (_F_GETFD, _F_GETFL, _F_DUPFD_CLOEXEC)),
}
