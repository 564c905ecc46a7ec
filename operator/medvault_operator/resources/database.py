"""PostgreSQL as the operator runs it."""

from medvault_operator.api.v1alpha1.database import ManagedDatabase
from medvault_operator.resources import pods, stateful
from medvault_operator.resources.stateful import Server
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.vault.components import Component
from medvault_operator.vault.credentials import PASSWORD
from medvault_operator.world.manifest import Manifest

OWNER = "medvault_owner"
LOGIN = "medvault"
NAME = "medvault"
_POSTGRES = 999
_DATA = "/var/lib/postgresql/data"
_SECRET = "/run/secrets/postgres"  # noqa: S105


def objects(blueprint: Blueprint, given: ManagedDatabase) -> list[Manifest]:
    """Return the database's objects.

    The image makes a superuser at its first start. `medvault migrate` makes the services' login and
    an owner that is no superuser, and closes the superuser's login.
    """
    server = Server(
        component=Component.DATABASE,
        image=given.image,
        user=_POSTGRES,
        resources=given.resources,
        data=given.storage,
        container={
            "args": ["postgres"],
            "env": [
                {"name": "POSTGRES_USER", "value": OWNER},
                {"name": "POSTGRES_PASSWORD_FILE", "value": f"{_SECRET}/{PASSWORD}"},
                {"name": "POSTGRES_DB", "value": NAME},
                {"name": "PGDATA", "value": f"{_DATA}/pgdata"},
            ],
            "volumeMounts": [
                pods.mount(stateful.DATA, _DATA),
                pods.mount("sockets", "/var/run/postgresql"),
                pods.mount("tmp", "/tmp"),  # noqa: S108
                pods.mount("shared-memory", "/dev/shm"),  # noqa: S108
                pods.mount("credentials", _SECRET, read_only=True),
            ],
        },
        volumes=(
            pods.scratch("sockets", "16Mi"),
            pods.scratch("tmp", "64Mi"),
            pods.scratch("shared-memory", "256Mi"),
            {
                "name": "credentials",
                "secret": {
                    "secretName": blueprint.credentials.servers[Component.DATABASE].name,
                    "items": [{"key": PASSWORD, "path": PASSWORD}],
                },
            },
        ),
    )
    return stateful.objects(blueprint.vault, server)
