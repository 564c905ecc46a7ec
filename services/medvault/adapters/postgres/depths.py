"""Queue depths, on the connection of one unit of work."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, text
from typing_extensions import override

from medvault.adapters.postgres.accounts import RESERVED
from medvault.domain.outbound import LEASE_ENDS
from medvault.ports.broker import Queue
from medvault.ports.depths import Depth, Depths

EACH: Final = 500
"""Updates that are counted of one conversation."""

_MEASURE = text("""
SELECT 'inbound', depth.* FROM inbound_depth(:most, :each) AS depth
UNION ALL SELECT 'media', depth.* FROM media_depth(:most, :reserved) AS depth
UNION ALL SELECT 'outbound', depth.* FROM outbound_depth(:most, :sending) AS depth
""")


class PostgresDepths(Depths):
    """Functions of the database count; no login reads the rows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @override
    def measure(self, most: int) -> Mapping[Queue, Depth]:
        limits = {"most": most, "each": EACH, "reserved": RESERVED, "sending": LEASE_ENDS}
        found = self._connection.execute(_MEASURE, limits).all()
        return {Queue(queue): Depth(waiting, in_work) for queue, waiting, in_work in found}
