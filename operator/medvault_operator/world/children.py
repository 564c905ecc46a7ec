"""The objects that a vault owns, and how they are told apart."""

from collections.abc import Mapping

from medvault_operator.world.manifest import Manifest

ObjectKey = tuple[str, str]
"""Kind and name of an object of a vault."""
Children = Mapping[ObjectKey, Manifest]


def key_of(manifest: Manifest) -> ObjectKey:
    """Return which object of its vault one is."""
    return manifest["kind"], manifest["metadata"]["name"]
