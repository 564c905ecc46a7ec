"""The message processor, and the way home for webhooks that the broker took in."""

from zoneinfo import ZoneInfo

from medvault.adapters.countries.zones import zones
from medvault.application.inbound import Inbound
from medvault.application.intake import Recorder
from medvault.application.sessions import Sessions
from medvault.application.statuses import Statuses
from medvault.bootstrap.foundation import Foundation, utc_now
from medvault.bootstrap.quotas import make_quotas
from medvault.domain.understanding.date_forms import Order
from medvault.ports import SessionCache, Waker


def make_inbound(base: Foundation, cache: SessionCache, waker: Waker) -> Inbound:
    """Build the message processor."""
    sessions = Sessions(
        base.database,
        base.reader,
        cache,
        waker,
        utc_now,
        base.index,
        base.new_id,
        ZoneInfo(base.settings.timezone),
        zones,
        base.settings.support_contact,
        make_quotas(base.settings),
        order=Order(base.settings.date_order),
    )
    statuses = Statuses(base.database, base.reader, waker, base.new_id)
    return Inbound(sessions, statuses, waker)


def make_recorder(base: Foundation, waker: Waker) -> Recorder:
    """Build what brings spilled webhooks home."""
    return Recorder(base.splitter, base.sealer, base.database, waker)
