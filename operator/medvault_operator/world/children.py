"""The objects that a vault owns, and how they are told apart."""

from collections.abc import Mapping

from medvault_operator.world.manifest import Manifest

Place = tuple[str, str]
"""Kind and name of an object of a vault."""
Children = Mapping[Place, Manifest]


def place(manifest: Manifest) -> Place:
    """Return which object of its vault one is."""
    return manifest["kind"], manifest["metadata"]["name"]
