"""The tick of a worker."""

from collections.abc import Callable

from medvault.application.audit_chain import Sequencer
from medvault.application.filing_cabinet import FilingCabinet
from medvault.application.inbound import Inbound
from medvault.application.maintenance import Maintenance
from medvault.bootstrap.foundation import Foundation
from medvault.ports import Waker


def make_maintenance(
    base: Foundation,
    waker: Waker,
    *,
    inbound: Inbound | None = None,
    cabinet: FilingCabinet | None = None,
    idle: Callable[[], bool] = lambda: True,
) -> Maintenance:
    """Build a worker's tick."""
    return Maintenance(
        base.database,
        Sequencer(base.database),
        waker,
        base.renew_formats,
        inbound,
        cabinet,
        idle,
    )
