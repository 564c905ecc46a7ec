"""The delivery of replies."""

from datetime import timedelta

from medvault.application.delivery.allowance import Allowance, Rates
from medvault.application.delivery.loop import Delivery
from medvault.bootstrap.foundation import Foundation
from medvault.ports import Channel, RateLimiter, Waker


def make_delivery(
    base: Foundation, channel: Channel, limiter: RateLimiter, waker: Waker
) -> Delivery:
    """Build the delivery of replies."""
    settings = base.settings
    rates = Rates(
        settings.whatsapp_messages_per_second,
        settings.whatsapp_pair_seconds,
        settings.whatsapp_pair_burst,
    )
    return Delivery(
        base.database,
        channel,
        Allowance(limiter, rates),
        waker,
        base.index,
        base.new_id,
        repeat_after=timedelta(seconds=settings.whatsapp_repeat_seconds),
    )
