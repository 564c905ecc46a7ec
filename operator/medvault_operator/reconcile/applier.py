"""Writing the objects of one vault, and noting refusals and conflicts."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace

from medvault_operator.kube.api import Api
from medvault_operator.kube.errors import Conflict, Refused, Terminating
from medvault_operator.observability import metrics
from medvault_operator.observation.secrets import secret_of
from medvault_operator.reconcile.plan import Written, content, differs, left_out, plan, surplus
from medvault_operator.world.children import ObjectKey, key_of
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.world import World

_INVALID = "Invalid"

log = logging.getLogger(__name__)


class Applier:
    """One pass over a vault's objects.

    `world` shows objects as they are after what was written. `problems` are refusals, fit to be
    read by a person; `unfinished` tells that something must be looked at again soon.
    """

    def __init__(self, api: Api, world: World, written: Written) -> None:
        self._api = api
        self._written = written
        self.world = world
        self.problems: list[str] = []
        self.unfinished = False

    def create(self, secrets: Iterable[Manifest]) -> None:
        """Make Secrets that do not exist; one that appeared meanwhile stays as it is."""
        for secret in secrets:
            try:
                created = self._api.create(secret)
            except Conflict:
                self.unfinished = True
            except Refused as error:
                self._refuse(secret, error)
            else:
                known = {**self.world.secrets, secret["metadata"]["name"]: secret_of(created)}
                self.world = replace(self.world, secrets=known)

    def delete(self, doomed: Iterable[ObjectKey]) -> None:
        """Delete children by kind and name, as far as they exist."""
        for key in doomed:
            if child := self.world.children.get(key):
                self._delete(child)

    def bring_about(self, desired: Sequence[Manifest]) -> None:
        """Apply desired objects that differ, then delete objects that are not desired."""
        todo = plan(desired, self.world.children, self._written)
        for manifest in todo.apply:
            self._apply(manifest)
        if self.problems:
            return
        for child in todo.prune:
            self._delete(child)
            metrics.pruned.inc()

    def _apply(self, manifest: Manifest) -> None:
        found = self.world.children.get(key_of(manifest))
        try:
            applied = self._put(manifest, found)
        except Terminating:
            raise
        except Conflict:
            self.unfinished = True
        except Refused as error:
            self._refuse(manifest, error)
        else:
            self._note(manifest, found, applied)

    def _put(self, manifest: Manifest, found: Manifest | None) -> Manifest:
        """Apply, and take away what others added to lists; edited keys may make them invalid."""
        if left := left_out(manifest, found):
            self._api.hand_over(left)
        try:
            applied = self._api.apply(manifest)
        except Refused as error:
            if found is None or error.reason != _INVALID:
                raise
            self._api.overwrite(content(manifest))
            return self._api.apply(manifest)
        if not surplus(content(manifest), applied):
            return applied
        return self._api.overwrite(content(manifest))

    def _note(self, manifest: Manifest, found: Manifest | None, applied: Manifest) -> None:
        if self._written.before(manifest) and differs(found, applied):
            metrics.drift_corrections[manifest["kind"]].inc()
            log.info("Put back what somebody else changed.", extra=_named(manifest))
        self._written.note(manifest, applied)
        shown = {**self.world.children, key_of(manifest): applied}
        self.world = replace(self.world, children=shown)

    def _delete(self, child: Manifest) -> None:
        self._api.delete(child)
        log.info("Deleted an object that is not wanted.", extra=_named(child))
        left = {key: other for key, other in self.world.children.items() if key != key_of(child)}
        self.world = replace(self.world, children=left)

    def _refuse(self, manifest: Manifest, error: Refused) -> None:
        log.warning(
            "The API server refused an object.", extra=_named(manifest) | {"reason": error.reason}
        )
        said = f": {error.message}" if error.message else ""
        name = manifest["metadata"]["name"]
        self.problems.append(f"{manifest['kind']} {name}: {error.reason}{said}")


def _named(manifest: Manifest) -> dict[str, str]:
    metadata = manifest["metadata"]
    return {
        "kind": manifest["kind"],
        "object": metadata["name"],
        "namespace": metadata["namespace"],
    }
