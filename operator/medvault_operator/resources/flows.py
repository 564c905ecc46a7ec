"""The connections between components, which the network policies let through."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.vault.addresses import HTTPS, PORTS, port_of
from medvault_operator.vault.components import Component, managed

_CLOUD_IDENTITY = ("169.254.169.254/32", "169.254.170.23/32")
"""Where clouds tell pods who they are: instances' metadata, and EKS' agent."""

_CONVERSING = (Component.INBOUND, Component.MEDIA, Component.OUTBOUND)
_CLIENTS = {
    Component.DATABASE: (Component.API, *_CONVERSING, Component.MIGRATE, Component.CONTRACT),
    Component.BROKER: (Component.API, *_CONVERSING, Component.MIGRATE),
    Component.CACHE: _CONVERSING,
    Component.STORAGE: (Component.MEDIA, Component.MIGRATE),
    Component.SCANNER: (Component.MEDIA,),
}
_META = (Component.MEDIA, Component.OUTBOUND)
_GRAPH = "graph.facebook.com"


@dataclass(frozen=True, slots=True)
class Flow:
    """A connection that a component may open: to another one, to an address, or to anywhere.

    Anywhere is every pod and every address but the cloud's metadata; `public` leaves the internet.
    """

    source: Component
    port: int
    target: Component | None = None
    address: str | None = None
    public: bool = False


def flows(vault: MedicalVault) -> list[Flow]:
    """Return every connection that a vault's pods open, besides asking for names."""
    inside = [
        Flow(client, PORTS[target], target=target)
        for target in managed(vault)
        for client in _CLIENTS[target]
    ]
    return [*inside, *_outside(vault), *_to_meta(vault), *_identity(vault), *_signatures(vault)]


def _outside(vault: MedicalVault) -> list[Flow]:
    """Return those to dependencies that others run; only their ports are known here."""
    spec = vault.spec
    ports = {
        Component.DATABASE: spec.database.external and spec.database.external.port,
        Component.BROKER: spec.broker.external and spec.broker.external.port,
        Component.CACHE: spec.cache and spec.cache.external and spec.cache.external.port,
        Component.STORAGE: _storage_port(vault),
        Component.SCANNER: spec.scanner.external and port_of(spec.scanner.external.address),
    }
    return [
        Flow(client, port) for target, port in ports.items() if port for client in _CLIENTS[target]
    ]


def _storage_port(vault: MedicalVault) -> int | None:
    external = vault.spec.storage.external
    if external is None:
        return None
    return port_of(external.endpoint_url) if external.endpoint_url else HTTPS


def _to_meta(vault: MedicalVault) -> list[Flow]:
    """Return those to the Cloud API; files lie on other hosts of Meta's, by HTTPS."""
    url = vault.spec.whatsapp.base_url
    internet = [Flow(component, HTTPS, public=True) for component in _META]
    if urlsplit(url).hostname == _GRAPH:
        return internet
    return [*internet, *(Flow(component, port_of(url)) for component in _META)]


def _identity(vault: MedicalVault) -> list[Flow]:
    external = vault.spec.storage.external
    if external is None or external.secret_ref:
        return []
    clients = _CLIENTS[Component.STORAGE]
    asked = [Flow(one, 80, address=address) for one in clients for address in _CLOUD_IDENTITY]
    return [*asked, *(Flow(one, HTTPS) for one in clients)]


def _signatures(vault: MedicalVault) -> list[Flow]:
    scanner = vault.spec.scanner.managed
    updates = scanner is not None and scanner.update_signatures
    return [Flow(Component.SCANNER, HTTPS, public=True)] if updates else []
