"""The project's images, built here and brought into the cluster under tags that tell them apart."""

from dataclasses import dataclass

from support.cluster.target import Say, Target
from support.docker import build, docker


@dataclass(frozen=True, slots=True)
class LoadedImage:
    """An image as the nodes find it."""

    name: str

    @property
    def repository(self) -> str:
        """The name without its tag."""
        return self.name.rpartition(":")[0]

    @property
    def tag(self) -> str:
        """The tag alone."""
        return self.name.rpartition(":")[2]


def load(part: str, target: Target, say: Say, revision: str = "e2e") -> LoadedImage:
    """Build the image of `services` or `operator` and take it in.

    Its tag follows from its content, so that a cluster that was kept never runs an older one.
    """
    say(f"Building the image of {part}, revision {revision}.")
    image = build(part, tag=revision, arguments={"REVISION": revision})
    identity = str(image.inspect()["Id"]).removeprefix("sha256:")[:12]
    name = f"medvault-{part}:{revision}-{identity}"
    docker("tag", image.name, name)
    say(f"Taking {name} into the cluster.")
    return LoadedImage(target.take_in(name))
