"""The box in which a hostile file is read: no way to another process, a file or a network.

The list of `calls` keeps a child inside. `landlock` stands behind it where the kernel has it.
"""

from medvault.adapters.sandbox import dumps, landlock, seccomp


def shut() -> None:
    """Shut this process in for good, with what it has opened and imported until now.

    `limits.impose` comes first. Raises OSError or `seccomp.NoFilter` where it can't be shut in:
    then it must read no file.
    """
    dumps.forbid()
    landlock.restrict()
    seccomp.restrict()
