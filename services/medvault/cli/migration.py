"""`medvault migrate`: the schema, the services' logins and the bucket, before each release."""

from typing import TYPE_CHECKING, Annotated

import typer

from medvault.cli import termination
from medvault.cli.start import start
from medvault.observability.terminal import say

if TYPE_CHECKING:
    from medvault.adapters.s3.preparation import Lack

_WITHOUT = {
    "versioning": "does not keep versions: what is deleted or replaced is gone at once",
    "lifecycle": "takes no lifecycle rules: incoming/ and old versions are cleaned up by medvault "
    "or by an administrator only",
}
_BROKER = {
    True: "The broker lets the services in.",
    False: "The broker does not answer yet: not every login was tried.",
}


def migrate(
    contract: Annotated[
        bool,
        typer.Option("--contract", help="Take away what only the release before needed."),
    ] = False,
) -> None:
    """Bring the database up to date, try the services' logins, prepare the bucket.

    The release before may go on running meanwhile. Once none of its processes
    is left, `--contract` takes away what only they needed.

    Needs MEDVAULT_DATABASE_OWNER_URL; MEDVAULT_DATABASE_URL and
    MEDVAULT_BROKER_URL name the logins that all processes share,
    MEDVAULT_DATABASE_API_URL and so on the own one of each, and
    MEDVAULT_S3_BUCKET the bucket.
    MEDVAULT_TERMINATION_LOG names a file for one JSON line on what was done.
    """
    settings = start("migrate", "migrate")

    from medvault.bootstrap import migration

    done: dict[str, str | list[str]] = {}
    done["schema"], done["logins"] = migration.migrate_database(settings, contract=contract)
    say(f"The database is at revision {done['schema']}.")
    if not contract and (answers := migration.try_broker(settings)) is not None:
        say(_BROKER[answers])
    if settings.s3_bucket is not None and not contract:
        lacks = migration.prepare_bucket(settings)
        say("\n".join(_said(lacks)))
        done["store_lacks"] = [lack.feature for lack in lacks]
    termination.leave(done)


def _said(lacks: "list[Lack]") -> list[str]:
    if not lacks:
        return ["The bucket is there, keeps versions, and has its lifecycle rules."]
    return [
        "The bucket is there.",
        *(f"The store {_WITHOUT[lack.feature]} ({lack.code})." for lack in lacks),
    ]
