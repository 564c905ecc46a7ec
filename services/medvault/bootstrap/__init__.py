"""The one place that reads settings and builds the object graph."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from medvault.adapters.amqp.publisher import AmqpPublisher
from medvault.adapters.clamav.scanner import ClamdScanner
from medvault.adapters.countries.zones import zones
from medvault.adapters.local.rate_limits import LocalRateLimiter
from medvault.adapters.local.sessions import MemorySessionCache
from medvault.adapters.postgres.access import require_access
from medvault.adapters.postgres.conversations import StateSealer
from medvault.adapters.postgres.engine import PostgresDatabase, connect
from medvault.adapters.postgres.group_commit import GroupCommit
from medvault.adapters.redis.breaker import Breaker
from medvault.adapters.redis.connection import RedisCheck
from medvault.adapters.redis.connection import connect as connect_cache
from medvault.adapters.redis.rate_limits import RedisRateLimiter
from medvault.adapters.redis.sessions import RedisSessionCache
from medvault.adapters.s3.store import S3ObjectStore
from medvault.adapters.sandbox import seccomp
from medvault.adapters.sandbox.examiner import SandboxExaminer
from medvault.adapters.whatsapp.media import CloudMedia
from medvault.adapters.whatsapp.signature import Signatures
from medvault.application.audit_chain import Sequencer
from medvault.application.copies import Copies
from medvault.application.dead_letters import DeadLetterDesk
from medvault.application.delivery.allowance import Allowance, Rates
from medvault.application.delivery.loop import Delivery
from medvault.application.filing_cabinet import FilingCabinet
from medvault.application.inbound import Inbound
from medvault.application.intake import Intake, Recorder
from medvault.application.isolation import Isolation
from medvault.application.maintenance import Maintenance
from medvault.application.media_service import MediaService
from medvault.application.patient_desk import PatientDesk
from medvault.application.retrieval import Retrieval
from medvault.application.session_view import SessionView
from medvault.application.sessions import Sessions
from medvault.application.slow_lane import SlowLane
from medvault.application.statuses import Statuses
from medvault.bootstrap.entrance import Entrance
from medvault.bootstrap.foundation import Foundation, secret, store_options, utc_now
from medvault.domain.quotas import MEGABYTE, Bucket, Quotas
from medvault.domain.understanding.date_forms import Order
from medvault.observability.health import Readiness
from medvault.ports import (
    Channel,
    Check,
    Examiner,
    ObjectStore,
    RateLimiter,
    SessionCache,
    Spillway,
    Waker,
)
from medvault.settings import Settings

_CONNECT_SECONDS = 5.0
_QUICK_SCAN_SECONDS = 10.0
SCAN_SECONDS = 910.0
"""clamd gives up before: its MaxScanTime is 120 s unless it is told otherwise, as it should be."""


@dataclass(frozen=True, slots=True)
class Reception:
    """The parts that the API needs; `open` holds them open."""

    signatures: Signatures
    verify_token: str
    intake: Intake
    readiness: Readiness
    open: Callable[[], AbstractAsyncContextManager[None]]


def reception(settings: Settings) -> Reception:
    """Build the API of a deployment: inbox first, the broker's `intake` behind it."""
    broker = AmqpPublisher(secret(settings.broker_url), settings.broker_prefix)

    @asynccontextmanager
    async def opened() -> AsyncIterator[None]:
        await broker.start()
        try:
            yield
        finally:
            await broker.stop()

    base = Entrance(settings)
    base.require_schema()
    return reception_over(base, broker, broker, {"broker": broker.check}, opened)


def reception_over(
    base: Entrance,
    waker: Waker,
    spillway: Spillway,
    checks: Mapping[str, Callable[[], str | None]],
    opened: Callable[[], AbstractAsyncContextManager[None]],
) -> Reception:
    """Build the API over a broker."""
    settings = base.settings
    inbox = GroupCommit(secret(settings.database_url))

    @asynccontextmanager
    async def all_opened() -> AsyncIterator[None]:
        async with opened():
            await inbox.start()
            try:
                yield
            finally:
                await inbox.stop()

    def database() -> None:
        base.check()
        inbox.check()

    secrets = [word.encode() for word in secret(settings.whatsapp_app_secrets).split()]
    return Reception(
        Signatures(secrets),
        secret(settings.whatsapp_verify_token),
        Intake(base.splitter, base.sealer, inbox, spillway, waker),
        Readiness({"database": database, **checks}, either=("database", "broker")),
        all_opened,
    )


def session_cache(settings: Settings) -> tuple[SessionCache, RateLimiter, dict[str, Check]]:
    """Build cache and rate limits: shared where there is a cache, else this process's own."""
    if settings.cache_url is None:
        return MemorySessionCache(), LocalRateLimiter(), {}
    client, breaker = connect_cache(secret(settings.cache_url)), Breaker("cache")
    limiter = RedisRateLimiter(client, breaker, LocalRateLimiter())
    return RedisSessionCache(client, breaker), limiter, {"cache": RedisCheck(client)}


def inbound(base: Foundation, cache: SessionCache, waker: Waker) -> Inbound:
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
        quotas(base.settings),
        order=Order(base.settings.date_order),
    )
    statuses = Statuses(base.database, base.reader, waker, base.new_id)
    return Inbound(sessions, statuses, waker)


def quotas(settings: Settings) -> Quotas:
    """Return what one patient is granted."""
    return Quotas(
        Bucket(settings.quota_messages_per_minute, timedelta(minutes=1)),
        settings.quota_open_replies,
        Bucket(settings.quota_files_per_day, timedelta(days=1)),
        Bucket(settings.quota_megabytes_per_day * MEGABYTE, timedelta(days=1)),
        Bucket(settings.quota_cpu_seconds_per_hour, timedelta(hours=1)),
    )


def recorder(base: Foundation, waker: Waker) -> Recorder:
    """Build what brings spilled webhooks home."""
    return Recorder(base.splitter, base.sealer, base.database, waker)


def dead_letter_desk(base: Foundation) -> DeadLetterDesk:
    """Build what administrators do with dead letters; `Permanent` if the login is refused."""
    require_access(base.engine, "MEDVAULT_DATABASE_URL")
    return DeadLetterDesk(base.database, base.splitter, base.sealer, base.new_id)


def patient_desk(base: Foundation) -> PatientDesk:
    """Build what the clinic's desk does; raises `Permanent` if its login is refused."""
    require_access(base.engine, "the login and its password")
    return PatientDesk(base.database, base.index, base.sealer, base.new_id)


def object_store(settings: Settings) -> S3ObjectStore:
    """Build the store of sealed files."""
    return S3ObjectStore(store_options(settings))


def examiner(settings: Settings) -> SandboxExaminer:
    """Build what looks into files; raises `Permanent` where nothing would box it in."""
    seccomp.require()
    address = settings.clamd_address
    if address is None:
        return SandboxExaminer(None)
    times = _CONNECT_SECONDS, SCAN_SECONDS, _QUICK_SCAN_SECONDS
    return SandboxExaminer(ClamdScanner(address, *times))


def scanner_check(settings: Settings) -> Check:
    """Build the readiness check of clamd."""
    return ClamdScanner(settings.clamd_address or "", 1.0, 1.0).check


def cabinet(base: Foundation, store: ObjectStore, waker: Waker) -> FilingCabinet:
    """Build what files reports."""
    return FilingCabinet(base.database, store, waker, base.new_id)


def session_view(base: Foundation, cache: SessionCache) -> SessionView:
    """Build the look at sessions from outside their locks, by a replica where there is one."""
    databases, states = [base.database], StateSealer(base.sealer)
    if base.settings.database_replica_url is not None:
        replica = connect(secret(base.settings.database_replica_url))
        databases.insert(0, PostgresDatabase(replica, base.sealer, base.index))
    return SessionView(cache, databases, lambda id, session: states.open(id, session.sealed))


def media(
    base: Foundation,
    store: ObjectStore,
    examiner: Examiner,
    cache: SessionCache,
    waker: Waker,
) -> Isolation:
    """Build the media worker, which takes received files and documents to upload in turn."""
    source = CloudMedia(base.whatsapp)
    filing, sessions = cabinet(base, store, waker), session_view(base, cache)
    granted, threads = quotas(base.settings), base.settings.media_threads
    copies = Copies(base.database, store, base.files, lambda: base.alone)
    received = MediaService(
        base.database,
        source,
        store,
        base.files,
        examiner,
        filing,
        copies,
        sessions,
        waker,
        quotas=granted,
        lane=SlowLane(max(1, threads // 2)),
    )
    asked_for = Retrieval(
        base.database,
        source,
        store,
        base.files,
        examiner,
        waker,
        base.index,
        base.new_id,
        granted,
    )
    steps = [received.process, asked_for.process]
    return Isolation(base.database, steps, threads, waker, granted)


def delivery(base: Foundation, channel: Channel, limiter: RateLimiter, waker: Waker) -> Delivery:
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


def maintenance(
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
