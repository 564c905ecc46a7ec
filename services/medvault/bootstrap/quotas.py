"""The quotas of one patient, as the settings grant them."""

from datetime import timedelta

from medvault.domain.quotas import MEGABYTE, Bucket, Quotas
from medvault.settings import Settings


def make_quotas(settings: Settings) -> Quotas:
    """Return what one patient is granted."""
    return Quotas(
        Bucket(settings.quota_messages_per_minute, timedelta(minutes=1)),
        settings.quota_open_replies,
        Bucket(settings.quota_files_per_day, timedelta(days=1)),
        Bucket(settings.quota_megabytes_per_day * MEGABYTE, timedelta(days=1)),
        Bucket(settings.quota_cpu_seconds_per_hour, timedelta(hours=1)),
    )
