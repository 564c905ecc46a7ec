"""The API over HTTP keeps to what every `Api` does."""

import pytest

from medvault_operator.kube.api import Api
from support.kubernetes import access
from support.kubernetes.api_contract import ApiContract
from support.kubernetes.kubectl import Kubectl


class TestKubernetesApi(ApiContract):
    @pytest.fixture
    def api(self, kubectl: Kubectl) -> Api:
        return access.api(kubectl)

    @pytest.fixture
    def place(self, namespace: Kubectl) -> str:
        return namespace.namespace
