"""Which vault an event is about."""

import kopf

from medvault_operator.kube.cached import Cached
from medvault_operator.kube.kinds import WATCHED
from medvault_operator.runtime.events import registry, vault_of
from medvault_operator.runtime.work_queue import WorkQueue
from support.kubernetes.memory import MemoryApi

OWNER = {"kind": "MedicalVault", "name": "clinic", "uid": "1"}
LABELS = {"app.kubernetes.io/instance": "clinic"}


def test_an_owned_object_belongs_to_its_owner_whatever_its_labels() -> None:
    assert vault_of({"ownerReferences": [OWNER]}) == "clinic"
    assert vault_of({"ownerReferences": [OWNER], "labels": {}}) == "clinic"


def test_an_object_that_lost_its_owner_belongs_where_its_label_says() -> None:
    assert vault_of({"labels": LABELS}) == "clinic"
    assert vault_of({"ownerReferences": [{"kind": "Node", "name": "n"}], "labels": LABELS}) == (
        "clinic"
    )


def test_an_object_of_nobody_belongs_to_no_vault() -> None:
    assert vault_of({}) is None


def test_kopf_keeps_no_state_and_sets_no_finalizer() -> None:
    made = registry(WorkQueue(), Cached(MemoryApi(), WATCHED).changed)
    assert isinstance(made, kopf.OperatorRegistry)
    assert not made._changing.get_all_handlers()
    assert not made._spawning.get_all_handlers()
    assert made._watching.get_all_handlers()
