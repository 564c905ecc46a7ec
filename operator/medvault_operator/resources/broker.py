"""RabbitMQ as the operator runs it."""

from medvault_operator.api.v1alpha1.broker import ManagedBroker
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.components import Component, child_name
from medvault_operator.credentials import BROKER_SETTINGS, of_broker
from medvault_operator.resources import pods, stateful
from medvault_operator.resources.quantities import in_bytes
from medvault_operator.resources.stateful import Server
from medvault_operator.world import Manifest

LOGIN = "medvault"
_RABBITMQ = 999
_HOME = "/var/lib/rabbitmq"
_SETTINGS = "settings.conf"


def objects(vault: MedicalVault, given: ManagedBroker) -> list[Manifest]:
    """Return the broker's objects.

    Its home goes with the pod and its queues stay: Erlang's cookie must not be readable for a
    group, which Kubernetes makes of whatever is on a volume.
    """
    name = child_name(vault, Component.BROKER)
    server = Server(
        component=Component.BROKER,
        image=given.image,
        user=_RABBITMQ,
        resources=given.resources,
        data=given.storage,
        files={_SETTINGS: _settings(given)},
        container={
            "args": ["rabbitmq-server"],
            "volumeMounts": [
                pods.mount("home", _HOME),
                pods.mount(stateful.DATA, f"{_HOME}/mnesia"),
                pods.mount("settings", "/etc/rabbitmq/conf.d", read_only=True),
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
                        {"secret": {"name": of_broker(vault).name, "items": [_credentials()]}},
                    ]
                },
            },
        ),
    )
    return stateful.objects(vault, server)


def _credentials() -> dict[str, str]:
    return {"key": BROKER_SETTINGS, "path": BROKER_SETTINGS}


def _settings(given: ManagedBroker) -> str:
    """Return rabbitmq.conf; RabbitMQ takes a node's whole memory for its own unless told."""
    lines = [
        "log.console = true",
        "log.file = false",
        "loopback_users = none",
        "disk_free_limit.absolute = 500MB",
    ]
    if limit := given.resources.limits.get("memory"):
        lines.append(f"total_memory_available_override_value = {in_bytes(limit)}")
    return "".join(f"{line}\n" for line in lines)
