"""medvault, run as a program that does not wait long for a status before it repeats a send.

Its first argument is the seconds. The demo takes no settings, and its patients should not either.
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
