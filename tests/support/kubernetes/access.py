"""The operator's own way to a cluster, with an administrator's rights."""

from pathlib import Path
from tempfile import TemporaryDirectory

from kubernetes import client, config

from medvault_operator.kube.client import KubernetesApi
from support.kubernetes.kubectl import Kubectl


def kubeconfig(kubectl: Kubectl) -> str:
    """Return a kubeconfig that has one context only."""
    return kubectl.run("config", "view", "--minify", "--flatten", "--raw")


def api(kubectl: Kubectl) -> KubernetesApi:
    """Return an `Api` as the operator has it."""
    connection = client.Configuration()
    with TemporaryDirectory() as folder:
        access = Path(folder) / "kubeconfig"
        access.write_text(kubeconfig(kubectl))
        config.load_kube_config(str(access), client_configuration=connection)
    return KubernetesApi(connection)
