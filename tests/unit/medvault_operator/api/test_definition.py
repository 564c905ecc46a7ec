"""The CustomResourceDefinition, and the copy of it that the chart installs."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from medvault import settings as services
from medvault_operator.api.conditions import ConditionType
from medvault_operator.api.crd import as_yaml, definition
from medvault_operator.api.v1alpha1.vault import MedicalVault, VaultSpec
from support.medical_vaults import EXTERNAL, SPECS, Body, body, vault

Schema = dict[str, Any]
CHART = Path(__file__).parents[4] / "charts" / "vault" / "crd" / "medicalvaults.yaml"
VERSION = definition()["spec"]["versions"][0]
PARTS: Schema = VERSION["schema"]["openAPIV3Schema"]["properties"]


def fields(schema: Schema, path: str) -> Iterator[tuple[str, Schema]]:
    """Every field below a schema, with its path."""
    for name, one in schema.get("properties", {}).items():
        yield f"{path}.{name}", one
        yield from fields(one, f"{path}.{name}")
    if isinstance(nested := schema.get("items"), dict):
        yield from fields(nested, f"{path}[]")


FIELDS = dict([*fields(PARTS["spec"], "spec"), *fields(PARTS["status"], "status")])


def test_the_charts_copy_is_what_the_model_says() -> None:
    advice = f"run: PYTHONPATH=operator python -m medvault_operator.api.crd > {CHART.name}"
    assert CHART.read_text() == as_yaml(), advice


def test_the_yaml_is_the_definition() -> None:
    assert yaml.safe_load(as_yaml()) == definition()


def test_every_field_is_described() -> None:
    assert [path for path, schema in FIELDS.items() if not schema.get("description")] == []


def test_every_description_is_a_sentence_or_more() -> None:
    ends = {path: schema["description"][-1] for path, schema in FIELDS.items()}
    assert {path for path, end in ends.items() if end != "."} == set()


def test_names_are_in_camel_case() -> None:
    assert [path for path in FIELDS if "_" in path] == []


def test_the_schema_is_structural() -> None:
    text = as_yaml()
    assert [word for word in ("$ref", "$defs", "'null'", "title:") if word in text] == []
    untyped = [path for path, schema in FIELDS.items() if "type" not in schema]
    assert [path for path in untyped if "x-kubernetes-int-or-string" not in FIELDS[path]] == []


def test_every_rule_says_what_to_do() -> None:
    rules = [
        rule
        for schema in (*FIELDS.values(), PARTS["spec"])
        for rule in schema.get("x-kubernetes-validations", [])
    ]
    assert len(rules) > 10
    assert all(len(rule["message"]) > 20 for rule in rules)


@pytest.mark.parametrize(
    "path", ["spec.whatsapp.phoneNumberId", "spec.whatsapp.earlierNumbers[].phoneNumberId"]
)
def test_a_number_that_the_services_refuse_is_refused_when_it_is_applied(path: str) -> None:
    (rule,) = FIELDS[path]["x-kubernetes-validations"]
    bounds = re.fullmatch(r"self\.size\(\) < (\d+) \|\| self\.size\(\) > (\d+)", rule["rule"])
    assert bounds
    least, most = map(int, bounds.groups())
    for length in range(5, 21):
        given = {"MEDVAULT_WHATSAPP_PHONE_NUMBER_ID": "1" * length}
        assert re.fullmatch(FIELDS[path]["pattern"], "1" * length)
        assert (length < least or length > most) == ("PHONE_NUMBER_ID" not in _problems(given))


def _problems(given: dict[str, str]) -> str:
    with pytest.raises(services.InvalidSettings) as refused:
        services.load("simulator", given)
    return str(refused.value)


def filled(value: Any, schema: Schema) -> Any:
    """The value that the API server stores: defaults where nothing was said."""
    if not isinstance(value, dict):
        return value
    properties: Schema = schema.get("properties", {})
    given = {name: one["default"] for name, one in properties.items() if "default" in one} | value
    return {name: filled(one, properties.get(name, {})) for name, one in given.items()}


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_the_api_servers_defaults_are_the_models(spec: Body) -> None:
    stored = filled(body(spec)["spec"], PARTS["spec"])
    assert VaultSpec.model_validate(stored) == vault(spec).spec


def test_fields_of_a_newer_release_are_left_alone() -> None:
    assert vault({**EXTERNAL, "rotation": {"days": 30}}).spec == vault(EXTERNAL).spec


def test_the_columns_read_what_the_status_has() -> None:
    paths = [column["jsonPath"] for column in VERSION["additionalPrinterColumns"]]
    named = {kind for kind in ConditionType if any(f'"{kind}"' in path for path in paths)}
    assert named == {"Available", "Progressing", "Degraded"}
    plain = [path.removeprefix(".") for path in paths if "[" not in path]
    assert [path for path in plain if path not in FIELDS] == ["metadata.creationTimestamp"]


def test_a_vault_says_its_name_and_namespace() -> None:
    found: MedicalVault = vault(EXTERNAL, "north")
    assert (found.name, found.namespace) == ("north", "clinics")
