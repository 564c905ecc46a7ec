"""The API over HTTP keeps to what every `Api` does."""

from pathlib import Path

import pytest
from kubernetes import client, config

from medvault_operator.kube.api import Api
from medvault_operator.kube.client import KubernetesApi
from support.kubernetes.api_contract import ApiContract
from support.kubernetes.kubectl import Kubectl


class TestKubernetesApi(ApiContract):
    @pytest.fixture
    def api(self, kubectl: Kubectl, tmp_path: Path) -> Api:
        access = tmp_path / "kubeconfig"
        access.write_text(kubectl.run("config", "view", "--minify", "--flatten", "--raw"))
        connection = client.Configuration()
        config.load_kube_config(str(access), client_configuration=connection)
        return KubernetesApi(connection)

    @pytest.fixture
    def place(self, namespace: Kubectl) -> str:
        return namespace.namespace
