"""Values: each is documented and known to the schema, and what can't be meant is refused."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from support.kubernetes.chart import CHART, rendered
from support.kubernetes.programs import ProgramError
from unit.docs.pages import rows

VALUES = yaml.safe_load((CHART / "values.yaml").read_text())
SCHEMA = json.loads((CHART / "values.schema.json").read_text())
WRONG = {
    "replicas=two": "at '/replicas': got string, want integer",
    "replicas=0": "at '/replicas': minimum: got 0, want 1",
    "replica=2": "at '': additional properties 'replica' not allowed",
    "crds.enable=true": "at '/crds': additional properties 'enable' not allowed",
    "image.repository=ghcr.io/medvault/operator:1": "at '/image/repository'",
    "image.digest=0123": "at '/image/digest'",
    "image.pullPolicy=Sometimes": "at '/image/pullPolicy': value must be one of 'Always'",
    "rbac.scope=all": "at '/rbac/scope': value must be one of 'cluster', 'namespace'",
    "watch.namespaces={Clinic}": "at '/watch/namespaces/0'",
    "admissionPolicy.repositories={Postgres}": "at '/admissionPolicy/repositories/0'",
    "logs.level=loud": "at '/logs/level': value must be one of 'debug', 'info'",
    "monitoring.interval=often": "at '/monitoring/interval'",
    "resources.limits.memory=much": "at '/resources/limits/memory'",
    "networkPolicy.apiServer.cidrs={10.0.0.1}": "at '/networkPolicy/apiServer/cidrs/0'",
    "networkPolicy.apiServer.ports={https}": "at '/networkPolicy/apiServer/ports/0'",
    "fullnameOverride=Vaults": "at '/fullnameOverride': 'Vaults' does not match",
    r"commonLabels.app\.kubernetes\.io/name=x": "at '/commonLabels/app.kubernetes.io~1name'",
    "vault.create=true": "at '/vault/spec': missing properties 'whatsapp', 'database'",
    "vault.spec=none": "at '/vault/spec': got string, want object",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_value_is_refused_by_its_name(wrong: str) -> None:
    with pytest.raises(ProgramError) as refused:
        rendered("--set", wrong)
    assert WRONG[wrong] in str(refused.value)


def known(schema: dict[str, Any], path: str = "") -> Iterator[str]:
    """The values that a schema knows; those within which it allows anything are not gone into."""
    for name, one in schema.get("properties", {}).items():
        inner = list(known(one, f"{path}{name}."))
        yield from inner or [f"{path}{name}"]


def test_the_schema_knows_every_value_and_no_other() -> None:
    documented = {row.split(" | ")[0].strip("| ") for row in table()}
    extra = {"global"}
    schema = set(known(SCHEMA)) - extra
    outer = {"resources", "affinity"}
    inner = {path for path in schema if path.split(".")[0] in outer}
    assert (schema - inner) | outer == documented


def closed(schema: dict[str, Any]) -> Iterator[bool]:
    """Whether each object of a schema that lists its values allows no other."""
    if "properties" in schema and "type" in schema:
        yield schema.get("additionalProperties") is False
    for one in schema.get("properties", {}).values():
        yield from closed(one)


def test_a_misspelt_value_is_found_wherever_it_is() -> None:
    assert all(closed(SCHEMA))


def table() -> list[str]:
    """The rows on values of the chart's page."""
    return rows(CHART / "README.md", "| Key | Type | Default | Description |")


def test_every_value_is_documented_by_a_sentence() -> None:
    described = {row.split(" | ")[0].strip("| "): row.rstrip(" |")[-1] for row in table()}
    assert [name for name, end in described.items() if end != "."] == []


def test_every_value_that_is_read_is_there() -> None:
    for row in table():
        found = VALUES
        for name in row.split(" | ")[0].strip("| ").split("."):
            assert name in found
            found = found[name]
