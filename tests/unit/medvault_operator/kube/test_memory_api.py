"""The API in memory keeps to what every `Api` does."""

import pytest

from medvault_operator.kube.api import Api
from support.kubernetes.api_contract import UNKNOWN, ApiContract
from support.kubernetes.memory import MemoryApi


class TestMemoryApi(ApiContract):
    @pytest.fixture
    def api(self) -> Api:
        return MemoryApi(UNKNOWN)

    @pytest.fixture
    def place(self) -> str:
        return "clinics"
