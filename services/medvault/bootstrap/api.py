"""The API of a process: inbox first, the broker's `intake` behind it."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from medvault.adapters.amqp.publisher import AmqpPublisher
from medvault.adapters.postgres.group_commit import GroupCommit
from medvault.adapters.whatsapp.signature import Signatures
from medvault.application.intake import Intake
from medvault.bootstrap.entrance import Entrance
from medvault.bootstrap.foundation import secret
from medvault.observability.health import Readiness
from medvault.ports import Spillway, Waker
from medvault.settings import Settings


@dataclass(frozen=True, slots=True)
class Reception:
    """The parts that the API needs; `open` holds them open."""

    signatures: Signatures
    verify_token: str
    intake: Intake
    readiness: Readiness
    open: Callable[[], AbstractAsyncContextManager[None]]


def make_reception(settings: Settings) -> Reception:
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
    return make_reception_over(base, broker, broker, {"broker": broker.check}, opened)


def make_reception_over(
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
