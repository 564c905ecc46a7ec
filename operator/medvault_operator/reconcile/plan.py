"""The difference between desired and existing objects: a pure comparison."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from medvault_operator.world.children import Children, ObjectKey, key_of
from medvault_operator.world.manifest import Manifest

_KEPT = frozenset({"Secret", "PersistentVolumeClaim"})
"""Kinds that hold data or open them: only an administrator deletes them."""
_NOT_CONTENT = frozenset({"resourceVersion", "generation", "managedFields"})


@dataclass(frozen=True, slots=True)
class Plan:
    """Objects to apply, in this order, and objects to delete afterwards."""

    apply: tuple[Manifest, ...]
    prune: tuple[Manifest, ...]


@dataclass
class Written:
    """The objects that were applied for one vault, with the versions that came of it.

    An object of that very version needs no further look: nobody has touched it since. So a vault
    that is settled costs reads only.
    """

    _digests: dict[ObjectKey, str] = field(default_factory=dict)
    _versions: dict[ObjectKey, str] = field(default_factory=dict)

    def note(self, wanted: Manifest, applied: Manifest) -> None:
        """Remember that an object was applied."""
        self._digests[key_of(wanted)] = digest(wanted)
        self._versions[key_of(wanted)] = applied["metadata"]["resourceVersion"]

    def before(self, wanted: Manifest) -> bool:
        """Tell whether just this was applied last, so that a difference is somebody else's."""
        return self._digests.get(key_of(wanted)) == digest(wanted)

    def settled(self, wanted: Manifest, found: Manifest | None) -> bool:
        """Tell whether an object is still as it was applied."""
        if found is None or not self.before(wanted):
            return False
        version: str = found["metadata"]["resourceVersion"]
        return self._versions[key_of(wanted)] == version


def plan(desired: Sequence[Manifest], children: Children, written: Written) -> Plan:
    """Return the steps by which `children` become the desired objects."""
    wanted = {key_of(manifest) for manifest in desired}
    return Plan(
        apply=tuple(
            manifest
            for manifest in desired
            if not written.settled(manifest, children.get(key_of(manifest)))
        ),
        prune=tuple(
            child for key, child in children.items() if key not in wanted and _may_go(child)
        ),
    )


def differs(found: Manifest | None, applied: Manifest) -> bool:
    """Tell whether applying changed what was found, apart from its status and its versions."""
    return found is None or _content(found) != _content(applied)


def surplus(wanted: Any, found: Any) -> bool:
    """Tell whether lists in what was found hold more than is wanted.

    Server-side apply leaves entries that somebody else added, or that he made by editing the
    field by which entries are told apart, such as a port.
    """
    if isinstance(wanted, dict) and isinstance(found, dict):
        return any(surplus(value, found.get(name)) for name, value in wanted.items())
    if isinstance(wanted, list) and isinstance(found, list):
        more = len(found) > len(wanted)
        return more or any(surplus(*pair) for pair in zip(wanted, found, strict=False))
    return False


def left_out(manifest: Manifest, found: Manifest | None) -> Manifest | None:
    """Return what has to be handed over before an object is applied, because it says no more of it.

    A field that nobody holds any more goes back to its default: one replica of a Deployment.
    """
    if found is None or manifest["kind"] != "Deployment" or "replicas" in manifest["spec"]:
        return None
    frame = {name: manifest[name] for name in ("apiVersion", "kind")}
    return {**content({**frame, "metadata": manifest["metadata"]}),
            "spec": {"replicas": found["spec"].get("replicas", 1)}}  # fmt: skip


def content(manifest: Manifest) -> Manifest:
    """Return an object without what tells to whom it belongs."""
    named = {name: manifest["metadata"][name] for name in ("name", "namespace")}
    return {**manifest, "metadata": named}


def digest(manifest: Manifest) -> str:
    """Return a short name of an object's content."""
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def _may_go(child: Manifest) -> bool:
    return child["kind"] not in _KEPT and "deletionTimestamp" not in child["metadata"]


def _content(manifest: Manifest) -> Manifest:
    metadata = {
        name: value for name, value in manifest["metadata"].items() if name not in _NOT_CONTENT
    }
    return {**manifest, "metadata": metadata, "status": None}
