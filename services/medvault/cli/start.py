"""How every command begins."""

import signal
import sys

from medvault import settings
from medvault.cli import transport
from medvault.settings import Settings

TERMINATED = 128 + signal.SIGTERM
"""The exit code of a command that SIGTERM cut short."""


def start(component: str, needs: str) -> Settings:
    """Read the settings and set logging up as they say.

    SIGTERM ends the command, until it makes another arrangement: the kernel does nothing of that
    kind for the first process of a container.
    """
    from medvault.bootstrap.forms import FORMS
    from medvault.observability import logs

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    found = settings.load(needs, forms=FORMS)
    logs.configure(component, json=found.log_format == "json", level=found.log_level.upper())
    transport.warn(found)
    return found
