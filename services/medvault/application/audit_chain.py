"""The audit's sequencer: entries are written unlinked, and linked by one process at a time."""

from medvault.ports.persistence import Database
from medvault.ports.transactions import Transaction

_AT_ONCE = 512


class Sequencer:
    """Has what was written since the last tick linked into a hash chain per patient."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def link(self) -> int:
        """Link what is there, oldest first; returns how many entries, 0 while another one links."""
        linked = 0
        while (some := self._link()) == _AT_ONCE:
            linked += some
        return linked + some

    def _link(self) -> int:
        with self._database.begin(Transaction.LINK_AUDIT) as work:
            return work.audit.link(_AT_ONCE)
