"""The Kubernetes API in memory: versions, uids, field ownership and conflicts are as real ones.

Lists are one value but for conditions, and nothing is validated: `refusals` says what is refused.
"""

from base64 import b64encode
from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from uuid import uuid4

from medvault_operator.kube.errors import ApiError, Conflict, Missing, Refused
from medvault_operator.kube.kinds import Kind, kind_of
from medvault_operator.world.manifest import Manifest

Key = tuple[str, str, str]
Path = tuple[str, ...]
_GENERATIONS = frozenset({"MedicalVault", "Deployment", "StatefulSet", "Job", "Ingress"})


class MemoryApi:
    """An `Api` of one cluster; `writes` lists what was written, as verb, kind and name."""

    def __init__(self, *unserved: Kind) -> None:
        self.objects: dict[Key, Manifest] = {}
        self.writes: list[tuple[str, str, str]] = []
        self.refusals: dict[str, ApiError] = {}
        self.away: ApiError | None = None
        self.unserved = set(unserved)
        self._owned: dict[Key, set[Path]] = {}
        self._version = 0

    def get(self, kind: Kind, namespace: str, name: str) -> Manifest | None:
        self._reach()
        return deepcopy(self.objects.get((kind.name, namespace, name)))

    def list(self, kind: Kind, namespace: str = "", selector: str = "") -> list[Manifest]:
        self._reach()
        if kind in self.unserved:
            raise Missing(404, "NotFound")
        wanted = dict(label.split("=", 1) for label in selector.split(",") if label)
        return [
            deepcopy(found)
            for (name, place, _), found in self.objects.items()
            if name == kind.name
            and place == (namespace or place)
            and wanted.items() <= found["metadata"].get("labels", {}).items()
        ]

    def create(self, manifest: Manifest) -> Manifest:
        key = self._written("create", manifest)
        if key in self.objects:
            raise Conflict(409, "AlreadyExists")
        made = deepcopy(manifest)
        if texts := made.pop("stringData", None):
            made["data"] = {name: b64encode(text.encode()).decode() for name, text in texts.items()}
        return self._store(key, {}, made)

    def replace(self, manifest: Manifest) -> Manifest:
        key = self._written("replace", manifest)
        found = self.objects.get(key)
        if found is None:
            raise Missing(404, "NotFound")
        if manifest["metadata"].get("resourceVersion") != found["metadata"]["resourceVersion"]:
            raise Conflict(409, "Conflict")
        return self._store(key, found, deepcopy(manifest))

    def apply(self, manifest: Manifest, *, status: bool = False) -> Manifest:
        key = self._written("status" if status else "apply", manifest)
        found = self.objects.get(key, {})
        uid = manifest["metadata"].get("uid")
        if status and not found:
            raise Missing(404, "NotFound")
        if uid and found and uid != found["metadata"]["uid"]:
            raise Refused(422, "Invalid")
        wanted = {"status": manifest["status"]} if status else deepcopy(manifest)
        leaves = dict(_leaves(wanted))
        merged = deepcopy(found)
        for path in self._owned.get(key, set()) - leaves.keys():
            if (path[0] == "status") == status:
                _remove(merged, path)
        for path, value in leaves.items():
            _put(merged, path, deepcopy(value))
        kept = {path for path in self._owned.get(key, ()) if (path[0] == "status") != status}
        self._owned[key] = kept | leaves.keys()
        return self._store(key, found, merged)

    def overwrite(self, manifest: Manifest) -> Manifest:
        key = self._written("overwrite", manifest)
        found = self.objects.get(key)
        if found is None:
            raise Missing(404, "NotFound")
        merged = deepcopy(found)
        for path, value in _leaves(manifest):
            _put(merged, path, deepcopy(value))
        return self._store(key, found, merged)

    def hand_over(self, manifest: Manifest) -> None:
        key = self._written("hand over", manifest)
        self._owned[key] = self._owned.get(key, set()) - dict(_leaves(manifest)).keys()

    def version(self) -> tuple[int, int]:
        self._reach()
        return 1, 34

    def delete(self, manifest: Manifest) -> None:
        key = self._written("delete", manifest)
        found = self.objects.get(key)
        if found is not None and found["metadata"]["uid"] == manifest["metadata"]["uid"]:
            self.remove(key)

    def serves(self, kind: Kind) -> bool:
        self._reach()
        return kind not in self.unserved

    def remove(self, key: Key) -> None:
        """Delete an object as somebody else, with all that it owns."""
        uid = self.objects.pop(key)["metadata"]["uid"]
        self._owned.pop(key, None)
        for other, found in list(self.objects.items()):
            owners = found["metadata"].get("ownerReferences", ())
            if any(owner["uid"] == uid for owner in owners):
                self.remove(other)

    def edit(self, key: Key, *path: str, value: Any) -> None:
        """Write one value as somebody else."""
        changed = deepcopy(self.objects[key])
        _put(changed, path, value)
        self._store(key, self.objects[key], changed)

    def _reach(self) -> None:
        if self.away is not None:
            raise self.away

    def _written(self, verb: str, manifest: Manifest) -> Key:
        self._reach()
        kind, metadata = kind_of(manifest), manifest["metadata"]
        self.writes.append((verb, kind.name, metadata["name"]))
        if kind in self.unserved:
            raise Missing(404, "NotFound")
        if verb != "status" and (refusal := self.refusals.get(kind.name)):
            raise refusal
        return kind.name, metadata.get("namespace", ""), metadata["name"]

    def _store(self, key: Key, found: Manifest, wanted: Manifest) -> Manifest:
        metadata = wanted["metadata"]
        metadata["uid"] = found["metadata"]["uid"] if found else str(uuid4())
        if wanted != found:
            self._version += 1
            metadata["resourceVersion"] = str(self._version)
            if key[0] in _GENERATIONS and wanted.get("spec") != found.get("spec"):
                metadata["generation"] = metadata.get("generation", 0) + 1
            self.objects[key] = wanted
        return deepcopy(self.objects[key])


def _leaves(value: Manifest, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    for name, inner in value.items():
        if isinstance(inner, dict) and inner:
            yield from _leaves(inner, (*path, name))
        else:
            yield (*path, name), inner


def _put(target: Manifest, path: Path, value: Any) -> None:
    for name in path[:-1]:
        target = target.setdefault(name, {})
    target[path[-1]] = value


def _remove(target: Manifest, path: Path) -> None:
    for name in path[:-1]:
        target = target.get(name) or {}
    target.pop(path[-1], None)
