"""The cluster with nodes that tests run on: one that a context names, or one made by kind."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from support.cluster.objects import listed
from support.cluster.tools import MissingToolsError, call, require
from support.kubernetes.kubectl import Kubectl

NAME = "medvault-e2e"
CONFIG = "k8s/kind/cluster.yaml"
CONTEXT = "MEDVAULT_E2E_CONTEXT"
NODE_IMAGE, REGISTRY = "KIND_NODE_IMAGE", "MEDVAULT_E2E_REGISTRY"
_PREFIX = "kind-"
_CREATE, _LOAD = 900.0, 300.0
"""Seconds."""
_NO_WAY_IN = (
    f"{CONTEXT} names a cluster that kind did not make: name a registry in {REGISTRY} that this "
    "machine may push to and that the cluster's nodes pull from"
)
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Target:
    """A cluster by the context that leads to it, and the way of images into it."""

    context: str
    registry: str = ""

    @property
    def kind(self) -> str:
        """The name that kind has for the cluster; empty if kind did not make it."""
        made = self.context.startswith(_PREFIX)
        return self.context.removeprefix(_PREFIX) if made else ""

    def kubectl(self, namespace: str = "default") -> Kubectl:
        """An administrator's kubectl."""
        return Kubectl(self.context, namespace)

    def take_in(self, image: str) -> str:
        """Bring a local image where the nodes find it; returns the name by which they do."""
        if self.registry:
            name = f"{self.registry}/{image}"
            call("docker", "tag", image, name)
            call("docker", "push", name, seconds=_LOAD)
            return name
        if not self._has(image):
            call("kind", "load", "docker-image", image, "--name", self.kind, seconds=_LOAD)
        return image

    def _has(self, image: str) -> bool:
        """Whether every node tells that it has an image."""
        known = [node["status"].get("images", ()) for node in listed(self.kubectl(), "nodes")]
        found = [{name for one in images for name in one.get("names", ())} for images in known]
        return all(f"docker.io/library/{image}" in names for names in found)


@contextmanager
def target(say: Say, *, keep: bool) -> Iterator[Target]:
    """The cluster; MissingToolsError says what is missing for it.

    One that kind makes is deleted at the end unless it is to be kept; a kept one is used again.
    """
    registry = os.environ.get(REGISTRY, "")
    if context := os.environ.get(CONTEXT):
        found = Target(context, registry)
        if not (found.kind or registry):
            raise MissingToolsError(_NO_WAY_IN)
        require("docker", "helm", "kubectl", *(["kind"] if found.kind and not registry else []))
        yield found
        return
    require("docker", "kind", "helm", "kubectl")
    _make(say)
    try:
        yield Target(_PREFIX + NAME, registry)
    finally:
        if not keep:
            say(f"Deleting the cluster {NAME}; --keep would leave it for the next time.")
            call("kind", "delete", "cluster", "--name", NAME, seconds=_LOAD)


def _make(say: Say) -> None:
    if NAME in call("kind", "get", "clusters").split():
        say(f"Using the cluster {NAME}, which is there already.")
        return
    say(f"Making the cluster {NAME}: one control plane, a worker in each of three zones.")
    image = os.environ.get(NODE_IMAGE)
    chosen = ["--image", image] if image else []
    created = ("create", "cluster", "--name", NAME, "--config", CONFIG, "--wait", "5m")
    call("kind", *created, *chosen, seconds=_CREATE)
