"""The chart, as Helm renders it for one set of values."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from support.kubernetes.programs import ROOT, run

Manifest = dict[str, Any]
CHART = ROOT / "charts" / "vault"
NAMESPACE = "medvault-system"
VALUES = {path.name.removesuffix("-values.yaml"): path for path in (CHART / "ci").iterdir()}
"""Sets of values by name, where tools for charts look for them."""
_RELEASE = ("medvault", str(CHART), "--namespace", NAMESPACE)


def rendered(*options: str) -> list[Manifest]:
    """Return all objects of a release, hooks included, in the order in which Helm has them."""
    return objects(_text(*options))


def rendered_with(values: str) -> list[Manifest]:
    """Return all objects for one of VALUES."""
    return rendered("--values", str(VALUES[values]))


@cache
def _text(*options: str) -> str:
    return run("helm", "template", *_RELEASE, *options)


def notes(*options: str) -> str:
    """Return what Helm tells after the installation."""
    told = run("helm", "install", *_RELEASE, "--dry-run=client", *options)
    return told.partition("\nNOTES:\n")[2]


def objects(text: str) -> list[Manifest]:
    """Return the objects of a text in YAML."""
    return [found for found in yaml.load_all(text, Loader=yaml.CSafeLoader) if found]


def read(path: Path) -> list[Manifest]:
    """Return the objects of a file."""
    return objects(path.read_text())


def of_kind(manifests: list[Manifest], kind: str) -> list[Manifest]:
    """Return those of one kind."""
    return [one for one in manifests if one["kind"] == kind]


def pods(manifests: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    """Yield every pod that the objects bring about, with the name of what it comes from."""
    for one in manifests:
        name = f"{one['kind']} {one['metadata']['name']}"
        if one["kind"] == "Pod":
            yield name, one
        elif "template" in one.get("spec", {}):
            yield name, one["spec"]["template"]
