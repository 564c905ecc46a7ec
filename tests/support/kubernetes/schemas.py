"""The form that objects must have: Kubernetes' own description of its API, and the vault's.

kubeconform checks with JSON schemas. They are made here of the OpenAPI document of the oldest
Kubernetes that is supported, every object closed, so that a misspelt field is found.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from medvault_operator.api.crd import definition
from support.kubernetes.chart import Manifest
from support.kubernetes.programs import CACHE, ProgramError, run
from support.servers.machine import MissingServerError

Schema = dict[str, Any]
OLDEST = CACHE / "kubernetes-v1.30.14.json"
MISSING = "Kubernetes' schemas are missing: run `setup/helm`"
_LOCATION = "{{.Group}}-{{.ResourceAPIVersion}}-{{.ResourceKind}}.json"
_FOREIGN = "ServiceMonitor"
"""Kinds of which there is no schema here."""
_LOOSE = {
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {"type": ["integer", "string"]},
    "io.k8s.apimachinery.pkg.api.resource.Quantity": {"type": ["number", "string"]},
}


class InvalidManifestsError(Exception):
    """Objects do not look as they must; a line says where and why for each."""


def validate(manifests: list[Manifest], folder: Path) -> None:
    """Check objects with kubeconform; `folder` is an empty one. InvalidManifestsError if wrong."""
    for one in manifests:
        write_schema(one["apiVersion"], one["kind"], folder)
    options = ["-strict", "-output", "json", "-skip", _FOREIGN]
    try:
        run(
            "kubeconform",
            *options,
            "-schema-location",
            f"{folder}/{_LOCATION}",
            given="\n---\n".join(json.dumps(one) for one in manifests),
        )
    except ProgramError as error:
        raise InvalidManifestsError(str(error)) from None


def write_schema(api_version: str, kind: str, folder: Path) -> None:
    """Put the schema of one kind where kubeconform looks for it; none for unknown kinds."""
    group, _, version = api_version.rpartition("/")
    known = definition()["spec"]
    if (group, kind) == (known["group"], known["names"]["kind"]):
        schema = known["versions"][0]["schema"]["openAPIV3Schema"]
    elif name := _names().get((group, version, kind)):
        schema = {"$ref": f"#/definitions/{name}", "definitions": dict(_reachable(name))}
    else:
        return
    file = f"{group or version}-{version}-{kind.lower()}.json"
    (folder / file).write_text(json.dumps(_closed(schema)))


@cache
def _kubernetes() -> dict[str, Schema]:
    if not OLDEST.exists():
        raise MissingServerError(MISSING)
    found: dict[str, Schema] = json.loads(OLDEST.read_text())["definitions"]
    return found


@cache
def _names() -> dict[tuple[str, str, str], str]:
    return {
        (one["group"], one["version"], one["kind"]): name
        for name, schema in _kubernetes().items()
        for one in schema.get("x-kubernetes-group-version-kind", [])
        if name.rpartition(".")[2] == one["kind"]
    }


def _reachable(name: str) -> Iterator[tuple[str, Schema]]:
    found, waiting = {name}, [name]
    while waiting:
        schema = _kubernetes()[waiting[-1]]
        yield waiting.pop(), schema
        new = set(_references(schema)) - found
        found |= new
        waiting.extend(new)


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(reference := schema.get("$ref"), str):
            yield reference.rpartition("/")[2]
        for one in schema.values():
            yield from _references(one)
    elif isinstance(schema, list):
        for one in schema:
            yield from _references(one)


def _closed(schema: Any, name: str = "") -> Any:
    if name in _LOOSE:
        return _LOOSE[name]
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(one, key) for key, one in schema.items()}
    if isinstance(schema.get("properties"), dict) and "type" in schema:
        return {"additionalProperties": False, **closed}
    return closed
