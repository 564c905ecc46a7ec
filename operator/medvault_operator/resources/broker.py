"""RabbitMQ as the operator runs it."""

from medvault_operator.api.v1alpha1.broker import ManagedBroker
from medvault_operator.resources import pods, stateful
from medvault_operator.resources.quantities import in_bytes
from medvault_operator.resources.stateful import Server
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.vault.components import Component, child_name
from medvault_operator.vault.credentials import DEFINITIONS
from medvault_operator.world.manifest import Manifest

LOGIN = "medvault"
_RABBITMQ = 999
_HOME = "/var/lib/rabbitmq"
_CONFIGURATION = "/etc/rabbitmq/conf.d"
_SETTINGS = "settings.conf"


def objects(blueprint: Blueprint, given: ManagedBroker) -> list[Manifest]:
    """Return the broker's objects.

    Its home goes with the pod and its queues stay: Erlang's cookie must not be readable for a
    group, which Kubernetes makes of whatever is on a volume. Its users are read at each start, none
    of them an administrator.
    """
    name = child_name(blueprint.vault, Component.BROKER)
    users = blueprint.credentials.logins[Component.BROKER].name
    server = Server(
        component=Component.BROKER,
        image=given.image,
        user=_RABBITMQ,
        resources=given.resources,
        data=given.storage,
        files={_SETTINGS: _settings(given)},
        secrets=blueprint.versions(users),
        container={
            "args": ["rabbitmq-server"],
            "volumeMounts": [
                pods.mount("home", _HOME),
                pods.mount(stateful.DATA, f"{_HOME}/mnesia"),
                pods.mount("settings", _CONFIGURATION, read_only=True),
                pods.mount("tmp", "/tmp"),  # noqa: S108
            ],
        },
        volumes=(
            pods.scratch("home", "16Mi"),
            pods.scratch("tmp", "64Mi"),
            {
                "name": "settings",
                "projected": {
                    "sources": [
                        {"configMap": {"name": name}},
                        {"secret": {"name": users, "items": [_definitions()]}},
                    ]
                },
            },
        ),
    )
    return stateful.objects(blueprint.vault, server)


def _definitions() -> dict[str, str]:
    return {"key": DEFINITIONS, "path": DEFINITIONS}


def _settings(given: ManagedBroker) -> str:
    """Return rabbitmq.conf; RabbitMQ takes a node's whole memory for its own unless told."""
    lines = [
        "log.console = true",
        "log.file = false",
        "loopback_users = none",
        f"load_definitions = {_CONFIGURATION}/{DEFINITIONS}",
        "disk_free_limit.absolute = 500MB",
    ]
    if limit := given.resources.limits.get("memory"):
        lines.append(f"total_memory_available_override_value = {in_bytes(limit)}")
    return "".join(f"{line}\n" for line in lines)
