"""medvault, run as a program that soon repeats a send of which no status tells.

Its first argument is the seconds. The demo has no setting for them, so the default is changed here.
"""

import sys
from pathlib import Path

from medvault.cli import main
from medvault.settings import Settings


def hasty(seconds: float) -> tuple[str, ...]:
    """The command line of such a program, without what it is to do."""
    return (sys.executable, "-P", str(Path(__file__)), str(seconds))


if __name__ == "__main__":
    Settings.model_fields["whatsapp_repeat_seconds"].default = float(sys.argv.pop(1))
    Settings.model_rebuild(force=True)
    main()
