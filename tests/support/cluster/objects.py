"""Objects of a cluster as tests look at them and wait for them."""

import base64
import json
from collections.abc import Callable
from typing import Any

from support.kubernetes.kubectl import Kubectl, RefusedError
from support.servers.waiting import wait_until

Manifest = dict[str, Any]
LOOK = 0.5
"""Seconds between two looks."""
_NOT_CONTENT = ("resourceVersion", "generation", "managedFields", "creationTimestamp", "uid")


def get(kubectl: Kubectl, kind: str, name: str) -> Manifest | None:
    """Return one object, or nothing where there is none."""
    found = kubectl.run("get", kind, name, "--ignore-not-found", "-o", "json")
    return json.loads(found) if found.strip() else None


def listed(kubectl: Kubectl, kinds: str, selector: str = "") -> list[Manifest]:
    """Return all objects of some kinds, separated by commas, that have these labels."""
    chosen = ["-l", selector] if selector else []
    found: list[Manifest] = json.loads(kubectl.run("get", kinds, *chosen, "-o", "json"))["items"]
    return found


def wait_for(
    kubectl: Kubectl,
    kind: str,
    name: str,
    fits: Callable[[Manifest], object],
    *,
    seconds: float,
    what: str,
) -> None:
    """Return once an object exists and fits; ask again where the API server refuses meanwhile.

    After `seconds` it raises TimeoutError naming `what`.
    """

    def found() -> bool:
        try:
            seen = get(kubectl, kind, name)
        except RefusedError:
            return False
        return seen is not None and bool(fits(seen))

    wait_until(found, seconds=seconds, what=what, every=LOOK)


def content(manifest: Manifest) -> Manifest:
    """Return what somebody wanted of an object, without what the API server adds."""
    metadata = {
        name: value for name, value in manifest["metadata"].items() if name not in _NOT_CONTENT
    }
    return {**manifest, "metadata": metadata, "status": None}


def values(kubectl: Kubectl, secret: str) -> dict[str, str]:
    """Return the values of a Secret."""
    found = get(kubectl, "secret", secret)
    assert found is not None, f"there is no Secret {secret}"
    return {name: base64.b64decode(value).decode() for name, value in found["data"].items()}
