"""Where the dependencies are: names and ports of those that the operator runs, and of others."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.vault.components import Component, child_name

HTTPS = 443
_SCHEMES = {"http": 80, "https": HTTPS}
PORTS = {
    Component.DATABASE: 5432,
    Component.BROKER: 5672,
    Component.CACHE: 6379,
    Component.STORAGE: 7070,
    Component.SCANNER: 3310,
}
"""Ports of the dependencies that the operator runs."""

BUCKET = "medvault"
"""The bucket of a managed store; `medvault migrate` makes it."""


@dataclass(frozen=True, slots=True)
class Store:
    """An S3 store and the bucket in it."""

    bucket: str
    region: str
    endpoint_url: str | None


def host(vault: MedicalVault, component: Component) -> str:
    """Return the name in the cluster of a dependency that the operator runs."""
    return f"{child_name(vault, component)}.{vault.namespace}.svc"


def endpoint(vault: MedicalVault, component: Component) -> str:
    """Return its host:port."""
    return f"{host(vault, component)}:{PORTS[component]}"


def store(vault: MedicalVault) -> Store:
    """Return where sealed files are."""
    if external := vault.spec.storage.external:
        return Store(external.bucket, external.region, external.endpoint_url)
    return Store(BUCKET, "us-east-1", f"http://{endpoint(vault, Component.STORAGE)}")


def scanner(vault: MedicalVault) -> str:
    """Return where clamd listens."""
    if external := vault.spec.scanner.external:
        return external.address
    return f"tcp://{endpoint(vault, Component.SCANNER)}"


def port_of(url: str) -> int:
    """Return the port of a URL, which may be its scheme's."""
    parts = urlsplit(url)
    return parts.port or _SCHEMES[parts.scheme]
