"""Nothing is written without the Lease, not even by a process that was frozen meanwhile."""

from collections.abc import Callable

from medvault_operator.kube.api import Api
from medvault_operator.kube.errors import NotLeading
from medvault_operator.kube.kinds import Kind
from medvault_operator.world.manifest import Manifest


class Fenced:
    """An `Api` that raises `NotLeading` on every write while `leading` says no."""

    def __init__(self, api: Api, leading: Callable[[], bool]) -> None:
        self._api = api
        self._leading = leading

    def get(self, kind: Kind, namespace: str, name: str) -> Manifest | None:
        """Read."""
        return self._api.get(kind, namespace, name)

    def list(self, kind: Kind, namespace: str = "", selector: str = "") -> list[Manifest]:
        """Read."""
        return self._api.list(kind, namespace, selector)

    def serves(self, kind: Kind) -> bool:
        """Read."""
        return self._api.serves(kind)

    def version(self) -> tuple[int, int]:
        """Read."""
        return self._api.version()

    def create(self, manifest: Manifest) -> Manifest:
        """Write."""
        self._check()
        return self._api.create(manifest)

    def replace(self, manifest: Manifest) -> Manifest:
        """Write."""
        self._check()
        return self._api.replace(manifest)

    def apply(self, manifest: Manifest, *, status: bool = False) -> Manifest:
        """Write."""
        self._check()
        return self._api.apply(manifest, status=status)

    def hand_over(self, manifest: Manifest) -> None:
        """Write."""
        self._check()
        self._api.hand_over(manifest)

    def overwrite(self, manifest: Manifest) -> Manifest:
        """Write."""
        self._check()
        return self._api.overwrite(manifest)

    def delete(self, manifest: Manifest) -> None:
        """Write."""
        self._check()
        self._api.delete(manifest)

    def _check(self) -> None:
        if not self._leading():
            raise NotLeading
