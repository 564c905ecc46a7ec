"""The API server takes the definition, fills in defaults, and explains every field."""

import pytest

from support.kubernetes.kubectl import Kubectl
from support.medical_vaults import EXTERNAL, LARGE, SPECS, Body, body


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_every_sample_is_taken(defined: Kubectl, spec: Body) -> None:
    stored = defined.apply(body(spec), "--dry-run=server")
    assert stored["spec"]["whatsapp"]["messagesPerSecond"] in (80, 1000)


def test_defaults_are_filled_in(defined: Kubectl) -> None:
    spec = defined.apply(body(EXTERNAL), "--dry-run=server")["spec"]
    assert spec["api"]["replicas"] == {"min": 2}
    assert spec["workers"]["media"]["resources"]["limits"] == {"memory": "4Gi"}
    assert spec["database"]["external"]["port"] == 5432
    assert spec["topology"]["zoneKey"] == "topology.kubernetes.io/zone"
    assert "cache" in spec
    assert "entrance" not in spec


def test_the_short_name_and_the_columns_are_known(defined: Kubectl) -> None:
    defined.apply(body(LARGE, "listed"))
    header, row = defined.run("get", "mv", "listed").splitlines()
    assert header.split() == ["NAME", "AVAILABLE", "READY", "PROGRESS", "DEGRADED", "HOST", "AGE"]
    assert "vault.clinic.example" in row
    assert "listed" in defined.run("get", "medvault", "-o", "name")


def test_explain_reads_like_documentation(defined: Kubectl) -> None:
    page = defined.run("explain", "mv.spec.database.external")
    assert "postgresql://user:password@host/name" in page
    tree = defined.run("explain", "mv.spec", "--recursive")
    assert "issuerRef" in tree
