"""versitygw as the operator runs it: an S3 store over one volume, for development."""

from medvault_operator.api.v1alpha1.storage import ACCESS_KEY, SECRET_KEY, ManagedStorage
from medvault_operator.resources import pods, stateful
from medvault_operator.resources.pods import Part
from medvault_operator.resources.stateful import PORT, Server
from medvault_operator.vault import addresses
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.vault.components import Component
from medvault_operator.vault.credentials import USERS
from medvault_operator.world.manifest import Manifest

_ROOT = "/data"
_OBJECTS = f"{_ROOT}/objects"
_VERSIONS = f"{_ROOT}/versions"
_HEALTH = "/health"
_IAM = "/run/secrets/versitygw"


def objects(blueprint: Blueprint, given: ManagedStorage) -> list[Manifest]:
    """Return the store's objects. It takes its root's keys from the environment only.

    It reads other users from a file whenever one asks; the bucket's policy says what they may do.
    """
    port = addresses.PORTS[Component.STORAGE]
    options = ["--port", f":{port}", "--region", blueprint.store.region]
    health = {"httpGet": {"path": _HEALTH, "port": PORT}, "timeoutSeconds": 3}
    server = Server(
        component=Component.STORAGE,
        image=given.image,
        user=pods.NOBODY,
        resources=given.resources,
        data=given.storage,
        before=(
            {
                "name": "folders",
                "command": ["mkdir", "-p", _OBJECTS, _VERSIONS],
                "volumeMounts": [pods.mount(stateful.DATA, _ROOT)],
                "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}},
            },
        ),
        container={
            "args": [
                *(*options, "--health", _HEALTH, "--keep-alive", "--quiet", "--iam-dir", _IAM),
                *("posix", "--versioning-dir", _VERSIONS, _OBJECTS),
            ],
            "env": [
                _key(blueprint, "ROOT_ACCESS_KEY_ID", ACCESS_KEY),
                _key(blueprint, "ROOT_SECRET_ACCESS_KEY", SECRET_KEY),
            ],
            "readinessProbe": {**health, "periodSeconds": 5, "failureThreshold": 2},
            "volumeMounts": [
                pods.mount(stateful.DATA, _ROOT),
                pods.mount("tmp", "/tmp"),  # noqa: S108
                pods.mount("users", _IAM, read_only=True),
            ],
        },
        volumes=(pods.scratch("tmp", "64Mi"), _users(blueprint)),
    )
    return stateful.objects(blueprint.vault, server)


def _users(blueprint: Blueprint) -> Part:
    name = blueprint.credentials.logins[Component.STORAGE].name
    items = [{"key": USERS, "path": USERS}]
    return {"name": "users", "secret": {"secretName": name, "items": items}}


def _key(blueprint: Blueprint, variable: str, key: str) -> Part:
    name = blueprint.credentials.servers[Component.STORAGE].name
    return {"name": variable, "valueFrom": {"secretKeyRef": {"name": name, "key": key}}}
