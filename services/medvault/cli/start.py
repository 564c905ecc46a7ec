"""How every command begins."""

from medvault import settings
from medvault.settings import Settings


def start(component: str, needs: str) -> Settings:
    """Read the settings and set logging up as they say."""
    from medvault.observability import logs

    found = settings.load(needs)
    logs.configure(component, json=found.log_format == "json", level=found.log_level.upper())
    return found
