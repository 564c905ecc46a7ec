"""`python -m medvault_operator`: reads the settings and runs one replica."""

import argparse
import ctypes
import resource
import signal
import sys

from medvault_operator.runtime.settings import InvalidSettings, described, load

ABOUT = """\
Keeps each MedicalVault of a cluster as its spec says: one replica works, others stand by.

It speaks to the cluster of its pod or of ~/.kube/config, logs to stderr, and ends on SIGTERM."""

_PR_SET_DUMPABLE = 4  # prctl(2)
TERMINATED = 128 + signal.SIGTERM
"""The exit code of a replica that was asked to end before it began."""


def main() -> int:
    """Run until asked to end; 2 says that it can't even begin."""
    argparse.ArgumentParser(
        prog="medvault_operator",
        description=ABOUT,
        epilog=f"It takes no arguments; environment variables [default] set it:\n{described()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args()
    _forbid_dumps()
    # The kernel does nothing on SIGTERM for the first process of a container, and what follows
    # takes a second to load.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))

    from medvault_operator.kube.client import connect
    from medvault_operator.kube.errors import Away
    from medvault_operator.observability import logs
    from medvault_operator.runtime.replica import Replica

    try:
        settings = load()
        connection = connect()
    except (InvalidSettings, Away) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    logs.configure(settings.log_level, json=settings.log_format == "json")
    return Replica(settings, connection).run()


def _forbid_dumps() -> None:
    """Keys of vaults pass through: no core file, and nobody of the same user looks into memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the memory can't be closed to others")


if __name__ == "__main__":
    sys.exit(main())
