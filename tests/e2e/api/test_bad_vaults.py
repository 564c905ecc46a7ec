"""A vault that can't be meant is refused when it is applied, with words that say what to do."""

from typing import Any

import pytest

from support.kubernetes.kubectl import Kubectl, RefusedError
from support.medical_vaults import EXTERNAL, LARGE, MANAGED, ROUTED, Body, body


def without(spec: Body, field: str) -> Body:
    """A spec that lacks a field."""
    return {name: value for name, value in spec.items() if name != field}


def numbered(number: str = "106540352242922", **earlier: str) -> Body:
    """A spec with a number's id, and perhaps an earlier one."""
    whatsapp = {**MANAGED["whatsapp"], "phoneNumberId": number}
    return {**MANAGED, "whatsapp": {**whatsapp, "earlierNumbers": [earlier] if earlier else []}}


BOTH = {"external": {"secretRef": {"name": "postgres"}}, "managed": {}}
REFUSED: dict[str, tuple[Body, str]] = {
    "database both": ({**MANAGED, "database": BOTH}, "set exactly one of external and managed"),
    "database neither": ({**MANAGED, "database": {}}, "database: {managed: {}}"),
    "broker neither": ({**MANAGED, "broker": {}}, "broker: {managed: {}}"),
    "cache neither": ({**MANAGED, "cache": {}}, "cache: {managed: {}}"),
    "storage neither": ({**MANAGED, "storage": {}}, "storage: {managed: {}}"),
    "scanner neither": ({**MANAGED, "scanner": {}}, "scanner: {managed: {}}"),
    "no database": (
        {k: v for k, v in MANAGED.items() if k != "database"},
        "spec.database: Required",
    ),
    "none without a max": (
        {**MANAGED, "workers": {"media": {"replicas": {"min": 0}}}},
        "replicas.min may be 0 only beside a max",
    ),
    "min above max": (
        {**MANAGED, "api": {"replicas": {"min": 5, "max": 3}}},
        "replicas.min must not be above replicas.max",
    ),
    "a written phone number instead of its id": (
        numbered("+49 30 1234"),
        "spec.whatsapp.phoneNumberId",
    ),
    "a phone number instead of its id": (
        numbered("919876543210"),
        "it is not the phone number, but the 14 digits or more",
    ),
    "an earlier phone number instead of its id": (
        numbered(leftOn="2026-11-30", phoneNumberId="919876543210"),
        "it is not the phone number, but the 14 digits or more",
    ),
    "a host with a scheme": (
        {**MANAGED, "entrance": {"host": "https://clinic.example", "ingress": {}}},
        "spec.entrance.host",
    ),
    "two entrances": (
        {**MANAGED, "entrance": {**ROUTED["entrance"], "ingress": {}}},
        "set exactly one of ingress and httpRoute",
    ),
    "two certificates": (
        {
            **MANAGED,
            "entrance": {
                "host": "clinic.example",
                "ingress": {"tls": {"secretName": "tls", "issuerRef": {"name": "ca"}}},
            },
        },
        "set exactly one of secretName and issuerRef",
    ),
    "an amount that is none": (
        {**MANAGED, "api": {"resources": {"limits": {"memory": "1 gigabyte"}}}},
        "spec.api.resources.limits.memory",
    ),
    "a scanner without a port": (
        {**MANAGED, "scanner": {"external": {"address": "clamd"}}},
        "spec.scanner.external.address",
    ),
    "a misspelt field": ({**MANAGED, "databse": {}}, ".spec.databse: field not declared in schema"),
}
CHANGES: dict[str, tuple[Body, Body, str]] = {
    "database from managed to external": (
        MANAGED,
        {**MANAGED, "database": EXTERNAL["database"]},
        "its data would stay behind",
    ),
    "storage from external to managed": (
        EXTERNAL,
        {**EXTERNAL, "storage": {"managed": {}}},
        "its data would stay behind",
    ),
    "another bucket": (
        LARGE,
        {**LARGE, "storage": {"external": {"bucket": "other", "region": "eu-central-1"}}},
        "the bucket can't be changed",
    ),
    "a smaller volume": (
        MANAGED,
        {**MANAGED, "database": {"managed": {"storage": {"size": "1Gi"}}}},
        "PersistentVolumeClaim",
    ),
    "keys taken away": (
        EXTERNAL,
        without(EXTERNAL, "keys"),
        "what was sealed before would be lost",
    ),
    "keys of another Secret": (
        EXTERNAL,
        {**EXTERNAL, "keys": {"secretRef": {"name": "others"}}},
        "Add a key to the Secret itself instead",
    ),
}
ALLOWED: dict[str, tuple[Body, Body]] = {
    "broker from managed to external": (MANAGED, {**MANAGED, "broker": EXTERNAL["broker"]}),
    "a cache taken away": (ROUTED, without(ROUTED, "cache")),
    "another Secret of the database": (
        EXTERNAL,
        {**EXTERNAL, "database": {"external": {"secretRef": {"name": "postgres-2"}}}},
    ),
    "paused": (EXTERNAL, {**EXTERNAL, "paused": True}),
}


@pytest.mark.parametrize(("spec", "advice"), REFUSED.values(), ids=REFUSED)
def test_a_wrong_vault_is_refused(defined: Kubectl, spec: Body, advice: str) -> None:
    with pytest.raises(RefusedError) as refused:
        defined.apply(body(spec), "--dry-run=server")
    assert advice in str(refused.value)


@pytest.mark.parametrize("name", ["a.b", "1st", "v" * 41])
def test_a_name_that_no_service_can_have_is_refused(defined: Kubectl, name: str) -> None:
    with pytest.raises(RefusedError, match="at most 40 characters"):
        defined.apply(body(MANAGED, name), "--dry-run=server")


@pytest.mark.parametrize(("before", "after", "advice"), CHANGES.values(), ids=CHANGES)
def test_a_change_that_would_lose_data_is_refused(
    defined: Kubectl, before: Body, after: Body, advice: str
) -> None:
    _applied(defined, before)
    with pytest.raises(RefusedError) as refused:
        defined.apply(body(after, "changed"), "--dry-run=server")
    assert advice in str(refused.value)


@pytest.mark.parametrize(("before", "after"), ALLOWED.values(), ids=ALLOWED)
def test_other_changes_are_taken(defined: Kubectl, before: Body, after: Body) -> None:
    _applied(defined, before)
    changed = defined.apply(body(after, "changed"), "--dry-run=server")
    assert changed["metadata"]["name"] == "changed"


def _applied(defined: Kubectl, spec: dict[str, Any]) -> None:
    defined.run("delete", "mv", "changed", "--ignore-not-found")
    defined.apply(body(spec, "changed"))
