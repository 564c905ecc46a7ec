"""Vaults that an earlier definition took: a stricter one lets them be, and be mended."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from medvault_operator.api.crd import definition
from support.kubernetes.kubectl import Kubectl, RefusedError
from support.medical_vaults import MANAGED, Body, body
from support.servers.waiting import wait_until

GROUP = "earlier.medvault.test"
RULES = "x-kubernetes-validations"
ADVICE = "it is not the phone number"


def grouped(*, ruled: bool) -> Body:
    """The definition in a group of its own, so that no other vault of the cluster meets it."""
    made = deepcopy(definition())
    made["metadata"]["name"] = f"{made['spec']['names']['plural']}.{GROUP}"
    made["spec"]["group"] = GROUP
    made["spec"]["names"].pop("shortNames")
    (version,) = made["spec"]["versions"]
    spec = version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
    if not ruled:
        spec["whatsapp"]["properties"]["phoneNumberId"].pop(RULES)
    return made


def numbered(number: str, **more: Any) -> Body:
    """A vault of that group with a number's id."""
    whatsapp = {**MANAGED["whatsapp"], "phoneNumberId": number}
    made = body({**MANAGED, "whatsapp": whatsapp, **more})
    made["apiVersion"] = f"{GROUP}/v1alpha1"
    return made


@pytest.fixture
def phoned(namespace: Kubectl) -> Iterator[Kubectl]:
    """A namespace with a vault whose id is a phone number, which is taken no more."""
    before = grouped(ruled=False)
    namespace.apply(before)
    try:
        namespace.await_definition(before["metadata"]["name"])
        namespace.apply(numbered("919876543210"))
        namespace.apply(grouped(ruled=True))
        wait_until(lambda: refuses(namespace), seconds=30, what="the stricter definition")
        yield namespace
    finally:
        namespace.run("delete", "crd", before["metadata"]["name"])


def refuses(namespace: Kubectl) -> bool:
    """Whether another vault of that kind is refused."""
    another = numbered("919876543210")
    another["metadata"]["name"] = "another"
    try:
        namespace.apply(another, "--dry-run=server")
    except RefusedError as refused:
        return ADVICE in str(refused)
    return False


def test_a_phone_number_of_before_stays_until_it_is_mended(phoned: Kubectl) -> None:
    assert phoned.apply(numbered("919876543210", paused=True))["spec"]["paused"]
    with pytest.raises(RefusedError, match=ADVICE):
        phoned.apply(numbered("919876543211"))
    mended = phoned.apply(numbered("106540352242922"))
    assert mended["spec"]["whatsapp"]["phoneNumberId"] == "106540352242922"
