"""versitygw as the operator runs it: an S3 store over one volume, for development."""

from medvault_operator.api.v1alpha1.storage import ACCESS_KEY, SECRET_KEY, ManagedStorage
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.resources import pods, stateful
from medvault_operator.resources.pods import Part
from medvault_operator.resources.stateful import PORT, Server
from medvault_operator.vault import addresses
from medvault_operator.vault.components import Component, child_name
from medvault_operator.vault.credentials import USERS, own_place
from medvault_operator.world.manifest import Manifest

_ROOT = "/data"
_OBJECTS = f"{_ROOT}/objects"
_VERSIONS = f"{_ROOT}/versions"
_HEALTH = "/health"
_IAM = "/run/secrets/versitygw"


def objects(vault: MedicalVault, given: ManagedStorage) -> list[Manifest]:
    """Return the store's objects. It takes its root's keys from the environment only.

    Other users are read from a file whenever one asks; what they may do is the bucket's policy.
    """
    port = addresses.PORTS[Component.STORAGE]
    options = ["--port", f":{port}", "--region", addresses.store(vault).region]
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
                _key(vault, "ROOT_ACCESS_KEY_ID", ACCESS_KEY),
                _key(vault, "ROOT_SECRET_ACCESS_KEY", SECRET_KEY),
            ],
            "readinessProbe": {**health, "periodSeconds": 5, "failureThreshold": 2},
            "volumeMounts": [
                pods.mount(stateful.DATA, _ROOT),
                pods.mount("tmp", "/tmp"),  # noqa: S108
                pods.mount("users", _IAM, read_only=True),
            ],
        },
        volumes=(pods.scratch("tmp", "64Mi"), _users(vault)),
    )
    return stateful.objects(vault, server)


def _users(vault: MedicalVault) -> Part:
    name = own_place(vault, Component.STORAGE)
    items = [{"key": USERS, "path": USERS}]
    return {"name": "users", "secret": {"secretName": name, "items": items}}


def _key(vault: MedicalVault, variable: str, key: str) -> Part:
    name = child_name(vault, Component.STORAGE)
    return {"name": variable, "valueFrom": {"secretKeyRef": {"name": name, "key": key}}}
