"""The queues, for tests in which nobody reads them: only who reads a queue declares it."""

from medvault.adapters.amqp.access import require_access
from medvault.adapters.amqp.topology import DEFAULT_PREFIX, declarations


def declare(url: str) -> None:
    """Declares all of medvault's queues."""
    require_access(url, "MEDVAULT_BROKER_URL", declarations(DEFAULT_PREFIX))
