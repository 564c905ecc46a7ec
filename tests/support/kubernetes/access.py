"""The operator's own way to a cluster, with an administrator's rights."""

import json
from dataclasses import replace
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


def account(kubectl: Kubectl, name: str, folder: Path) -> Kubectl:
    """Return kubectl with the rights of a ServiceAccount instead of an administrator's."""
    given = kubectl.run("config", "view", "--minify", "--flatten", "--raw", "-o", "json")
    access = json.loads(given)
    access["users"][0]["user"] = {"token": kubectl.run("create", "token", name)}
    file = folder / "kubeconfig"
    file.write_text(json.dumps(access))
    return replace(kubectl, kubeconfig=file)
