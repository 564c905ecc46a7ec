"""No other process can read the memory of this one, and it is written to no disk."""

import resource

from medvault.adapters.sandbox.kernel import PR_SET_DUMPABLE, prctl


def forbid() -> None:
    """Let this process leave no core file, and let none of the same user look into its memory.

    A program that it starts may do as it likes, but for the core file. /proc/self belongs to root
    from now on; a process may still list its own descriptors. Raises OSError where the kernel
    refuses.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    prctl(PR_SET_DUMPABLE, 0)
