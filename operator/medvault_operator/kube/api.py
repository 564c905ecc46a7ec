"""The calls to the Kubernetes API."""

from typing import Protocol

from medvault_operator.kube.kinds import Kind
from medvault_operator.world.manifest import Manifest


class Api(Protocol):
    """Calls that block for seconds at most; each may raise an `ApiError`.

    Objects go in and come out as JSON has them, with `apiVersion` and `kind`.
    """

    def get(self, kind: Kind, namespace: str, name: str) -> Manifest | None:
        """Return an object, or nothing if it does not exist."""
        ...

    def list(self, kind: Kind, namespace: str = "", selector: str = "") -> list[Manifest]:
        """Return objects, of all namespaces or one, with a label selector or without."""
        ...

    def create(self, manifest: Manifest) -> Manifest:
        """Make an object; `Conflict` if it exists."""
        ...

    def replace(self, manifest: Manifest) -> Manifest:
        """Write an object over the version that it names; `Conflict` if that is not the newest."""
        ...

    def apply(self, manifest: Manifest, *, status: bool = False) -> Manifest:
        """Apply on the server's side, over any other owner of the fields, and return the object.

        With `status` only the subresource of that name is written.
        """
        ...

    def overwrite(self, manifest: Manifest) -> Manifest:
        """Write what an object says over what is there, lists as a whole, and return the object.

        Fields that the object does not name stay.
        """
        ...

    def delete(self, manifest: Manifest) -> None:
        """Delete the object of this very uid; dependents follow. Fine if it is gone already."""
        ...

    def hand_over(self, manifest: Manifest) -> None:
        """Let go of fields without a change of their values, unless somebody else has them already.

        The object says nothing but these fields and the values that they have.
        """
        ...

    def version(self) -> tuple[int, int]:
        """Return the API server's version, as in (1, 34)."""
        ...

    def serves(self, kind: Kind) -> bool:
        """Tell whether the cluster knows a kind."""
        ...
