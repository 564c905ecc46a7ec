"""What `medvault migrate` does before a release: the schema, the logins, the bucket."""

from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from medvault.adapters.amqp.access import require_access as require_broker
from medvault.adapters.postgres.access import require_access
from medvault.adapters.postgres.engine import connect
from medvault.adapters.postgres.ownership import without_superuser
from medvault.adapters.postgres.schema import admit_service, migrate
from medvault.adapters.s3.preparation import Lack, prepare
from medvault.bootstrap.foundation import secret, store_options
from medvault.domain.errors import Unavailable
from medvault.settings import Settings


def migrate_database(settings: Settings, *, contract: bool = False) -> str:
    """Bring the schema up to date and let the service's login in; returns the revision.

    Raises `Permanent` with advice where either login is refused.
    """
    url = secret(settings.database_owner_url)
    if settings.database_retire_superuser:
        url = without_superuser(url)
    owner = connect(url, options="")
    try:
        require_access(owner, "MEDVAULT_DATABASE_OWNER_URL")
        revision = migrate(owner, contract=contract)
        if settings.database_url is not None:
            _admit(owner, secret(settings.database_url))
        return revision
    finally:
        owner.dispose()


def _admit(owner: Engine, url: str) -> None:
    """Let the service's login in, and see whether it gets in: its password may be an older one."""
    parts = make_url(url)
    admit_service(owner, parts.username or "", parts.password)
    service = connect(url)
    try:
        require_access(service, "MEDVAULT_DATABASE_URL")
    finally:
        service.dispose()


def try_broker(settings: Settings) -> bool:
    """Log in to the broker; returns whether it answers: a release may go on without it.

    Raises `Permanent` with advice where the login is refused.
    """
    try:
        require_broker(secret(settings.broker_url), "MEDVAULT_BROKER_URL")
    except Unavailable:
        return False
    return True


def prepare_bucket(settings: Settings) -> list[Lack]:
    """Make the bucket what the services need; returns what the store can't do."""
    return prepare(store_options(settings))
