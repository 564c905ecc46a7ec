"""Nothing is written without the Lease."""

import pytest

from medvault_operator.kube.errors import NotLeading
from medvault_operator.kube.fence import Fenced
from support.kubernetes.api_contract import CONFIG_MAP, UNKNOWN, ApiContract, config_map
from support.kubernetes.memory import MemoryApi


class TestFencedByALeader(ApiContract):
    @pytest.fixture
    def api(self) -> Fenced:
        return Fenced(MemoryApi(UNKNOWN), lambda: True)

    @pytest.fixture
    def place(self) -> str:
        return "clinics"


def test_who_does_not_lead_reads_and_writes_nothing() -> None:
    memory = MemoryApi()
    made = memory.create(config_map("clinics"))
    memory.writes.clear()
    api = Fenced(memory, lambda: False)
    assert api.get(CONFIG_MAP, "clinics", "notes") == made
    assert api.list(CONFIG_MAP) == [made]
    assert api.serves(CONFIG_MAP)
    for write in (api.create, api.replace, api.apply, api.overwrite, api.delete):
        with pytest.raises(NotLeading):
            write(made)
    assert memory.writes == []
