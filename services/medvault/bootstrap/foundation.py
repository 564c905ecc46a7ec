"""The footing of processes: keys, database, the channel's language."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import structlog
from pydantic import SecretStr
from sqlalchemy import Engine

from medvault.adapters.crypto.blind_index import KeyedIndex
from medvault.adapters.crypto.files import SegmentSealer
from medvault.adapters.crypto.header import FILES, VALUES
from medvault.adapters.crypto.keyring import KeyRing
from medvault.adapters.crypto.values import ValueSealer
from medvault.adapters.postgres.engine import PostgresDatabase, connect
from medvault.adapters.postgres.revision import is_alone, require_current
from medvault.adapters.s3.options import S3Options
from medvault.adapters.whatsapp.numbers import Numbers
from medvault.adapters.whatsapp.options import WhatsAppOptions
from medvault.adapters.whatsapp.token import TokenFile
from medvault.adapters.whatsapp.webhooks import WebhookReader
from medvault.application.identifiers import UuidV7
from medvault.application.intake import Splitter
from medvault.domain.errors import Refused, Unavailable
from medvault.ports import OneWaySealer
from medvault.settings import InvalidSettings, Settings, earlier_numbers

log = structlog.get_logger(__name__)


def utc_now() -> datetime:
    """Return the time now."""
    return datetime.now(UTC)


def secret(value: SecretStr | None) -> str:
    """Return a setting that its command can't do without."""
    if value is None:
        raise InvalidSettings(["a secret is missing"])
    return value.get_secret_value()


class Footing(ABC):
    """The footing of every process: index, database, the channel's language."""

    def __init__(self, settings: Settings, sealer: OneWaySealer) -> None:
        self.settings = settings
        self.index = _index(settings)
        earlier = earlier_numbers(settings.whatsapp_earlier_phone_number_ids)
        self.reader = WebhookReader(Numbers(settings.whatsapp_phone_number_id, earlier))
        self.engine: Engine = connect(secret(settings.database_url))
        self.splitter = Splitter(self.reader, sealer, self.index)
        self.alone = False

    def require_schema(self) -> None:
        """Raise `Permanent` if `medvault migrate` has to run first; an absent database may wait."""
        try:
            require_current(self.engine)
            self.renew_formats()
        except Refused as refusal:
            log.error("PostgreSQL lets this process not in: see /ready", reason=refusal.reason)
        except Unavailable:
            log.info("PostgreSQL does not answer yet")

    def renew_formats(self) -> None:
        """Seal in the newest formats as soon as no process is left that can't open them."""
        if not self.alone and is_alone(self.engine):
            self.alone = True
            self.write_newest()

    @abstractmethod
    def write_newest(self) -> None:
        """Seal in the newest formats from now on."""

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


class Foundation(Footing):
    """The footing of a process that opens what is stored: it has the key ring."""

    def __init__(self, settings: Settings) -> None:
        ring = key_ring(settings)
        # The release before can't open the newest formats: they are written once it is gone.
        self.sealer = ValueSealer(ring, VALUES[0])
        self.files = SegmentSealer(ring, FILES[0])
        super().__init__(settings, self.sealer)
        self.database = PostgresDatabase(self.engine, self.sealer, self.index)
        self.new_id: Callable[[], UUID] = UuidV7()
        self.whatsapp = WhatsAppOptions(
            base_url=settings.whatsapp_base_url,
            api_version=settings.whatsapp_api_version,
            phone_number_id=settings.whatsapp_phone_number_id or "",
            token=_token(settings),
        )

    def write_newest(self) -> None:
        """Seal in the newest formats from now on."""
        self.sealer.write(VALUES[-1])
        self.files.write(FILES[-1])


def store_options(settings: Settings) -> S3Options:
    """Return how the object store is reached; raises `InvalidSettings`."""
    authority = settings.file_of("s3_ca")
    if settings.s3_ca is not None and authority is None:
        raise InvalidSettings(["MEDVAULT_S3_CA: give MEDVAULT_S3_CA_FILE, the path of a file"])
    access, private = settings.s3_access_key, settings.s3_secret_key
    return S3Options(
        endpoint_url=settings.s3_endpoint_url,
        bucket=settings.s3_bucket or "",
        region=settings.s3_region,
        access_key=access.get_secret_value() if access else None,
        secret_key=private.get_secret_value() if private else None,
        ca=str(authority) if authority else None,
    )


def _token(settings: Settings) -> Callable[[], str]:
    file = settings.file_of("whatsapp_token")
    if file is None:
        return lambda: secret(settings.whatsapp_token)
    return TokenFile(file, secret(settings.whatsapp_token))


def key_ring(settings: Settings) -> KeyRing:
    """Read the key ring; raises `InvalidSettings`, which doesn't show it."""
    try:
        return KeyRing.parse(secret(settings.keys))
    except ValueError as error:
        raise InvalidSettings([f"MEDVAULT_KEYS: {error}"]) from None


def _index(settings: Settings) -> KeyedIndex:
    try:
        return KeyedIndex.parse(secret(settings.index_key))
    except ValueError as error:
        raise InvalidSettings([f"MEDVAULT_INDEX_KEY: {error}"]) from None
