"""A clinic in the cluster: its vault with everything managed, and the simulator as Meta."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property

from chaos.checker.sources import Bucket, Sources
from support.cluster.forward import PortForward
from support.cluster.images import LoadedImage
from support.cluster.namespaces import claim
from support.cluster.objects import Manifest, values
from support.cluster.target import Say, Target
from support.cluster.vault import VaultObject
from support.kubernetes.chart import read
from support.kubernetes.kubectl import Kubectl
from support.kubernetes.programs import ROOT
from support.stack.meta import PATH, Meta
from support.stack.phone import Phone

OVERLAY = ROOT / "k8s" / "overlays" / "kind"
NAMESPACE, NAME, SIMULATOR = "clinic", "vault", "simulator"
ENTRANCE = {"host": "vault.clinic.example", "ingress": {}}
"""Nobody serves it here; it is an object to look after like all others."""
SCANNER = os.environ.get("MEDVAULT_E2E_SCANNER", "clamav/clamav:1.4")
"""The scanner's image: by itself one that can't close its commands, as vaults made before have."""
PATIENCE, LOOKS_EVERY = 120.0, 0.2
"""Seconds that a patient waits for an answer, and between two looks at the phone."""
DATABASE, STORAGE, CHAT = 5432, 7070, 8090
BUCKET = "medvault"


@dataclass(frozen=True)
class Clinic:
    """The vault, and ways to it; the namespace is that of `kubectl`."""

    kubectl: Kubectl
    vault: VaultObject
    simulator: PortForward
    database: PortForward
    storage: PortForward

    @cached_property
    def meta(self) -> Meta:
        """The simulator, which posts to the API's Service from within the cluster."""
        (secret,) = read(OVERLAY / "secret.yaml")
        url = f"http://{NAME}-api.{NAMESPACE}.svc{PATH}"
        return Meta(f"http://{self.simulator.address}", url, secret["stringData"]["app-secrets"])

    def phone(self) -> Phone:
        """A new patient's phone."""
        return Phone(self.meta, looks_every=LOOKS_EVERY, patience=PATIENCE)

    def images(self) -> set[str]:
        """The images that medvault's processes are to run."""
        templates = (one["spec"]["template"] for one in self.vault.children("deployments"))
        return {one["spec"]["containers"][0]["image"] for one in templates}

    @property
    def database_url(self) -> str:
        """The database, as the owner of its tables, from this machine."""
        url = owner_url(values(self.kubectl, f"{NAME}-database")["owner-url"].strip())
        inside = f"{NAME}-database.{NAMESPACE}.svc:{DATABASE}"
        assert inside in url, "the database is elsewhere"
        return url.replace(inside, self.database.address)

    def sources(self) -> Sources:
        """Where an independent checker finds all that is left of what happened."""
        for way in (self.simulator, self.database, self.storage):
            way.renew()
        keys = values(self.kubectl, f"{NAME}-storage")
        store = Bucket(
            f"http://{self.storage.address}",
            BUCKET,
            keys["access-key"].strip(),
            keys["secret-key"].strip(),
        )
        index = values(self.kubectl, f"{NAME}-keys")["index-key"].strip()
        return Sources(f"http://{self.simulator.address}", self.database_url, index, store)


def owner_url(url: str) -> str:
    """The URL of the owner that `migrate` made beside the superuser of a managed database."""
    return url.replace("://medvault_owner:", "://medvault_schema:")


def spec(services: LoadedImage) -> Manifest:
    """The spec that the kustomization for kind asks for, with an image, and an entrance."""
    (found,) = read(OVERLAY / "vault.yaml")
    asked = found["spec"]
    scanner = {"managed": {**asked["scanner"]["managed"], "image": SCANNER}}
    return {**asked, "image": services.name, "entrance": ENTRANCE, "scanner": scanner}


@contextmanager
def opened(target: Target, services: LoadedImage, say: Say, *, seconds: float) -> Iterator[Clinic]:
    """The clinic, as soon as its vault is available."""
    kubectl = target.kubectl(NAMESPACE)
    claim(kubectl)
    for file in ("secret", "simulator"):
        _apply(kubectl, _with_image(read(OVERLAY / f"{file}.yaml"), services))
    vault = VaultObject(kubectl, NAME)
    say("Applying the vault: everything in the cluster, two of each process.")
    vault.apply(spec(services))
    wait_telling(vault, say, seconds=seconds)
    kubectl.run("rollout", "status", f"deployment/{SIMULATOR}", "--timeout=120s", seconds=130)
    with ExitStack() as stack:
        ways = (
            stack.enter_context(PortForward(kubectl, service, port))
            for service, port in (
                (SIMULATOR, CHAT), (f"{NAME}-database", DATABASE), (f"{NAME}-storage", STORAGE),
            )
        )  # fmt: skip
        yield Clinic(kubectl, vault, *ways)


def wait_telling(vault: VaultObject, say: Say, *, seconds: float) -> None:
    """Return once all that is asked for is in place; tells how it goes whenever that changes."""
    last = ""

    def settled() -> bool:
        nonlocal last
        told = vault.conditions().get("Progressing", {}).get("message", "")
        if told != last:
            last = told
            say(f"  {told}")
        return vault.settled()

    vault.until(settled, seconds=seconds, what="the vault in place")


def _with_image(manifests: list[Manifest], services: LoadedImage) -> list[Manifest]:
    for one in manifests:
        if one["kind"] == "Deployment":
            for container in one["spec"]["template"]["spec"]["containers"]:
                container["image"] = services.name
    return manifests


def _apply(kubectl: Kubectl, manifests: list[Manifest]) -> None:
    for one in manifests:
        kubectl.apply(one, "--field-manager", "administrator")
