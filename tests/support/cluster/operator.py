"""The operator in a cluster, as its chart installs it."""

from dataclasses import dataclass

from support.cluster.images import LoadedImage
from support.cluster.namespaces import claim
from support.cluster.objects import get
from support.cluster.pods import Pod, pods
from support.cluster.target import Target
from support.cluster.tools import call
from support.kubernetes.kubectl import Kubectl

NAMESPACE, RELEASE = "medvault-system", "medvault"
NAME = f"{RELEASE}-operator"
CHART = "charts/vault"
_SECONDS = 300.0


@dataclass(frozen=True)
class InstalledOperator:
    """A release of the chart with these images."""

    target: Target
    operator: LoadedImage
    services: LoadedImage

    @property
    def kubectl(self) -> Kubectl:
        """An administrator's kubectl, where the operator is."""
        return self.target.kubectl(NAMESPACE)

    def install(self, *options: str) -> None:
        """Install or upgrade, over a definition of the kind that is there already."""
        claim(self.kubectl)
        where = ("--kube-context", self.target.context, "--namespace", NAMESPACE)
        values = {
            "image.repository": self.operator.repository,
            "image.tag": self.operator.tag,
            "services.image.repository": self.services.repository,
            "services.image.tag": self.services.tag,
        }
        images = [f"--set-string={name}={value}" for name, value in values.items()]
        # Some tests have vaults in namespaces of their own. The last `--set` of a value holds.
        chosen = ("--set", "rbac.scope=cluster", *options)
        over = ("--install", "--take-ownership")
        call("helm", "upgrade", RELEASE, CHART, *where, *over, *images, *chosen, seconds=_SECONDS)
        self.wait()

    def wait(self) -> None:
        """Return once all replicas are ready."""
        what = ("rollout", "status", f"deployment/{NAME}", f"--timeout={_SECONDS:.0f}s")
        self.kubectl.run(*what, seconds=_SECONDS + 10)

    def uninstall(self) -> None:
        """Uninstall."""
        where = ("--kube-context", self.target.context, "--namespace", NAMESPACE)
        call("helm", "uninstall", RELEASE, *where, "--wait", seconds=_SECONDS)

    def test(self) -> str:
        """Run the release's own test; returns what Helm tells of it."""
        where = ("--kube-context", self.target.context, "--namespace", NAMESPACE)
        return call("helm", "test", RELEASE, *where, "--timeout", "120s", seconds=_SECONDS)

    def pods(self) -> list[Pod]:
        """The replicas."""
        return pods(self.kubectl, "app.kubernetes.io/component=operator")

    def holder(self) -> str:
        """The leader's name in the Lease; empty while there is none."""
        lease = get(self.kubectl, "lease", NAME) or {"spec": {}}
        return str(lease["spec"].get("holderIdentity") or "")

    def leader(self) -> Pod:
        """The pod that leads; AssertionError if none does."""
        holder = self.holder().rpartition("_")[0]
        found = [pod for pod in self.pods() if pod.name == holder]
        assert found, "no replica leads"
        return found[0]
