"""The user that the services run as in their image, who may do nothing that others may not."""

import os
from pathlib import Path

USER = 65532


def drop(folder: Path | None = None) -> None:
    """Becomes that user for good, without a capability, if this is root; it owns `folder` then."""
    if os.geteuid() != 0:
        return
    if folder is not None:
        os.chown(folder, USER, USER)
    os.setgroups([])
    os.setresgid(USER, USER, USER)
    os.setresuid(USER, USER, USER)
