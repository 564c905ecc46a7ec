"""What has to be written: pure comparison of what shall be with what is."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from medvault_operator.world import Manifest

Place = tuple[str, str]
"""Kind and name of an object of a vault."""
Children = Mapping[Place, Manifest]

_KEPT = frozenset({"Secret", "PersistentVolumeClaim"})
"""Kinds that hold data or open them: whoever wants them gone deletes them by hand."""
_NOT_CONTENT = frozenset({"resourceVersion", "generation", "managedFields"})


@dataclass(frozen=True, slots=True)
class Plan:
    """What to apply, in this order, and what to delete afterwards."""

    apply: tuple[Manifest, ...]
    prune: tuple[Manifest, ...]


@dataclass
class Written:
    """What was applied of one vault, and which version came of it.

    An object of that very version needs no further look: nobody has touched it since. So a vault
    that is settled costs reads only.
    """

    _digests: dict[Place, str] = field(default_factory=dict)
    _versions: dict[Place, str] = field(default_factory=dict)

    def note(self, wanted: Manifest, applied: Manifest) -> None:
        """Remember that an object was applied."""
        self._digests[place(wanted)] = digest(wanted)
        self._versions[place(wanted)] = applied["metadata"]["resourceVersion"]

    def before(self, wanted: Manifest) -> bool:
        """Tell whether just this was applied last, so that a difference is somebody else's."""
        return self._digests.get(place(wanted)) == digest(wanted)

    def settled(self, wanted: Manifest, found: Manifest | None) -> bool:
        """Tell whether an object is still as it was applied."""
        if found is None or not self.before(wanted):
            return False
        version: str = found["metadata"]["resourceVersion"]
        return self._versions[place(wanted)] == version


def plan(desired: Sequence[Manifest], children: Children, written: Written) -> Plan:
    """Return what is left to do for `children` to become what is desired."""
    wanted = {place(manifest) for manifest in desired}
    return Plan(
        apply=tuple(
            manifest
            for manifest in desired
            if not written.settled(manifest, children.get(place(manifest)))
        ),
        prune=tuple(
            child for key, child in children.items() if key not in wanted and _may_go(child)
        ),
    )


def differs(found: Manifest | None, applied: Manifest) -> bool:
    """Tell whether applying changed what was found, apart from its status and its versions."""
    return found is None or _content(found) != _content(applied)


def digest(manifest: Manifest) -> str:
    """Return a short name of an object's content."""
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def place(manifest: Manifest) -> Place:
    """Return which object of its vault one is."""
    return manifest["kind"], manifest["metadata"]["name"]


def _may_go(child: Manifest) -> bool:
    return child["kind"] not in _KEPT and "deletionTimestamp" not in child["metadata"]


def _content(manifest: Manifest) -> Manifest:
    metadata = {
        name: value for name, value in manifest["metadata"].items() if name not in _NOT_CONTENT
    }
    return {**manifest, "metadata": metadata, "status": None}
