"""Handlers of events: each names the vault that it is about, and asks for it.

Handlers do not use what an event says of its object: the object is read later, once its kind is
known to have changed.

There are `on.event` handlers only: kopf keeps no state in annotations for them and sets no
finalizer, so that vaults and namespaces can go while no operator runs.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import kopf

from medvault_operator.kube.kinds import VAULT, WATCHED, Kind
from medvault_operator.runtime.work_queue import WorkQueue
from medvault_operator.vault import labels
from medvault_operator.vault.name import VaultName

Changed = Callable[[Kind, str], None]
"""Takes the kind and the namespace of an object that came, changed or went."""


def registry(queue: WorkQueue, changed: Changed) -> kopf.OperatorRegistry:
    """Return all handlers, which tell what `changed` and ask for vaults in a queue."""
    made = kopf.OperatorRegistry()
    kopf.on.login(registry=made)(kopf.login_via_client)

    @kopf.on.event(*_resource(VAULT), registry=made)
    async def vault_changed(namespace: str | None, name: str, **_: Any) -> None:
        queue.ask(VaultName(namespace or "", name))

    for kind in WATCHED:
        handle = _of_children(kind, queue, changed)
        kopf.on.event(*_resource(kind), id=f"{kind.plural}-changed", registry=made)(handle)
    return made


def _of_children(kind: Kind, queue: WorkQueue, changed: Changed) -> Callable[..., Awaitable[None]]:
    async def child_changed(namespace: str | None, meta: kopf.Meta, **_: Any) -> None:
        changed(kind, namespace or "")
        if name := vault_of(meta):
            queue.ask(VaultName(namespace or "", name))

    return child_changed


def vault_of(meta: Any) -> str | None:
    """Return the name of the vault that an object belongs to: its owner, else by its label."""
    for owner in meta.get("ownerReferences", ()):
        if owner["kind"] == VAULT.name:
            return str(owner["name"])
    label = meta.get("labels", {}).get(labels.INSTANCE)
    return None if label is None else str(label)


def _resource(kind: Kind) -> tuple[str, str, str]:
    return kind.group, kind.version, kind.plural
