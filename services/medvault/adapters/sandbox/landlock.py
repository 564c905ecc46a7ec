"""No file, no TCP, no signal to others, as far as the kernel knows how: landlock(7).

A second wall behind the list of calls, for a call that should not be on it.
"""

import errno
import os
import struct

from medvault.adapters.sandbox import kernel
from medvault.adapters.sandbox.machines import this_machine

_VERSION = 1  # LANDLOCK_CREATE_RULESET_VERSION
_FILES = {1: (1 << 13) - 1, 2: 1 << 13, 3: 1 << 14, 5: 1 << 15}
"""Rights to files by the version that brought them (LANDLOCK_ACCESS_FS_*)."""
_TCP = {4: 0b11}
_SCOPES = {6: 0b11}
"""Abstract UNIX sockets and signals of processes outside (LANDLOCK_SCOPE_*)."""
_ABSENT = (errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM)
"""Unknown to the kernel, not turned on, forbidden by a container's profile that is older."""


def restrict() -> int:
    """Take all rights that Landlock knows from this process for good; returns its version.

    0 says that there is no Landlock here. `PR_SET_NO_NEW_PRIVS` has to be set. Raises OSError.
    """
    version = available()
    machine = this_machine()
    if not version or machine is None:
        return 0
    held = [
        sum(right for since, right in rights.items() if since <= version)
        for rights in (_FILES, _TCP, _SCOPES)
    ]
    # Version 1 takes fewer fields, and more of them as long as they are zero.
    ruleset = struct.pack("=QQQ", *held)
    rules = kernel.syscall(machine.numbers["landlock_create_ruleset"], ruleset, len(ruleset), 0)
    kernel.syscall(machine.numbers["landlock_restrict_self"], rules, 0)
    os.close(rules)
    return version


def available() -> int:
    """Return the version of the kernel's Landlock, 0 where it has none."""
    machine = this_machine()
    if machine is None:
        return 0
    try:
        return kernel.syscall(machine.numbers["landlock_create_ruleset"], None, 0, _VERSION)
    except OSError as error:
        if error.errno in _ABSENT:
            return 0
        raise
