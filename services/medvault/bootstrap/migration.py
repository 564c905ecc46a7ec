"""The work of `medvault migrate` before a release: the schema, the logins, the bucket."""

from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from medvault.adapters.amqp.access import require_access as require_broker
from medvault.adapters.amqp.topology import declarations
from medvault.adapters.postgres.access import require_access
from medvault.adapters.postgres.engine import connect
from medvault.adapters.postgres.ownership import without_superuser
from medvault.adapters.postgres.rights import SERVICE_ROLE
from medvault.adapters.postgres.schema import admit_service, migrate
from medvault.adapters.s3.admission import admit
from medvault.adapters.s3.preparation import Lack, prepare
from medvault.bootstrap.foundation import secret, store_options
from medvault.bootstrap.logins import Login, logins
from medvault.domain.errors import Unavailable
from medvault.settings import Settings


def migrate_database(settings: Settings, *, contract: bool = False) -> tuple[str, list[str]]:
    """Bring the schema up to date and let the services' logins in.

    Returns the revision and the settings with the logins that were let in: that of all processes is
    not among them where each has its own.
    Raises `Permanent` with advice where a login is refused.
    """
    url = secret(settings.database_owner_url)
    if settings.database_retire_superuser:
        url = without_superuser(url)
    owner = connect(url, options="")
    try:
        require_access(owner, "MEDVAULT_DATABASE_OWNER_URL")
        revision = migrate(owner, contract=contract)
        admitted = logins(settings, "database")
        for login in admitted:
            own = settings.database_retire_superuser and login.role != SERVICE_ROLE
            _admit(owner, login, renew=own)
        return revision, [login.setting for login in admitted]
    finally:
        owner.dispose()


def _admit(owner: Engine, login: Login, *, renew: bool) -> None:
    """Let a login in, and see whether it gets in: its password may be an older one."""
    parts = make_url(login.url)
    admit_service(owner, parts.username or "", parts.password, login.role, renew=renew)
    service = connect(login.url)
    try:
        require_access(service, login.setting)
    finally:
        service.dispose()


def try_broker(settings: Settings) -> bool | None:
    """Log in to the broker and declare the queues; returns whether it answers, None without logins.

    A release may go on without it. Raises `Permanent` with advice where a login is refused.
    """
    found = logins(settings, "broker")
    try:
        for login in found:
            queues = declarations(settings.broker_prefix, login.queues)
            require_broker(login.url, login.setting, queues)
    except Unavailable:
        return False
    return True if found else None


def prepare_bucket(settings: Settings) -> list[Lack]:
    """Make the bucket what the services need; returns what the store can't do."""
    lacks = prepare(store_options(settings))
    if settings.s3_media_access_key is not None:
        admit(store_options(settings), secret(settings.s3_media_access_key))
    return lacks
