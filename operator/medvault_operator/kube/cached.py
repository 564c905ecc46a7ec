"""Lists that are kept until the watch tells that something in them changed."""

import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from medvault_operator.kube.api import Api
from medvault_operator.kube.kinds import Kind, kind_of
from medvault_operator.world.manifest import Manifest

VOUCHED_SECONDS = 5.0
"""How long a word of the watch counts; it says it again every second."""
OLDEST_SECONDS = 120.0
"""A list is read again after this: a connection may die silently, or a last object go unseen."""


@dataclass
class _Shelf:
    """Lists of one kind in one namespace by label selector, with when they were asked for.

    `changes` counts, so that a list that was on its way during a change is not kept.
    """

    lists: dict[str, tuple[float, list[Manifest]]] = field(default_factory=dict)
    changes: int = 0


class Cached:
    """An `Api` that answers lists of watched kinds in one namespace from memory.

    The watch tells that a kind changed, never how: the lists are read again. Own writes count as
    changes.
    While nobody vouches for the watch every list is read. Threads may share it; a caller
    must not change a list that it gets.
    """

    def __init__(
        self, api: Api, watched: Collection[Kind], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._api = api
        self._watched = frozenset(watched)
        self._clock = clock
        self._lock = threading.Lock()
        self._shelves: dict[tuple[Kind, str], _Shelf] = {}
        self._vouched_until = float("-inf")

    def vouch(self) -> None:
        """Count on changes being told for some seconds; after a gap, forget all lists."""
        with self._lock:
            now = self._clock()
            if now >= self._vouched_until:
                self._shelves.clear()
            self._vouched_until = now + VOUCHED_SECONDS

    def changed(self, kind: Kind, namespace: str) -> None:
        """Note that something of a kind changed in a namespace: its lists are read again."""
        with self._lock:
            shelf = self._shelves.setdefault((kind, namespace), _Shelf())
            shelf.lists.clear()
            shelf.changes += 1

    def get(self, kind: Kind, namespace: str, name: str) -> Manifest | None:
        """Read."""
        return self._api.get(kind, namespace, name)

    def list(self, kind: Kind, namespace: str = "", selector: str = "") -> list[Manifest]:
        """Read, or remember."""
        if kind not in self._watched or not namespace:
            return self._api.list(kind, namespace, selector)
        with self._lock:
            asked = self._clock()
            shelf = self._shelves.setdefault((kind, namespace), _Shelf())
            vouched, changes = asked < self._vouched_until, shelf.changes
            read_at, found = shelf.lists.get(selector, (float("-inf"), []))
        if vouched and asked - read_at < OLDEST_SECONDS:
            return found
        found = self._api.list(kind, namespace, selector)
        with self._lock:
            if vouched and shelf.changes == changes:
                shelf.lists[selector] = asked, found
        return found

    def serves(self, kind: Kind) -> bool:
        """Read."""
        return self._api.serves(kind)

    def version(self) -> tuple[int, int]:
        """Read."""
        return self._api.version()

    def create(self, manifest: Manifest) -> Manifest:
        """Write."""
        with self._changing(manifest):
            return self._api.create(manifest)

    def replace(self, manifest: Manifest) -> Manifest:
        """Write."""
        with self._changing(manifest):
            return self._api.replace(manifest)

    def apply(self, manifest: Manifest, *, status: bool = False) -> Manifest:
        """Write."""
        with self._changing(manifest):
            return self._api.apply(manifest, status=status)

    def overwrite(self, manifest: Manifest) -> Manifest:
        """Write."""
        with self._changing(manifest):
            return self._api.overwrite(manifest)

    def hand_over(self, manifest: Manifest) -> None:
        """Write."""
        with self._changing(manifest):
            self._api.hand_over(manifest)

    def delete(self, manifest: Manifest) -> None:
        """Write."""
        with self._changing(manifest):
            self._api.delete(manifest)

    @contextmanager
    def _changing(self, manifest: Manifest) -> Iterator[None]:
        """Count it as a change, also where it failed: the call may have had its effect."""
        try:
            yield
        finally:
            self.changed(kind_of(manifest), manifest["metadata"].get("namespace", ""))
