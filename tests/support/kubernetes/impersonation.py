"""Calls as somebody else, of which the API server keeps nothing: all of them are dry runs."""

import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kubernetes import client, config
from kubernetes.dynamic import DynamicClient
from kubernetes.dynamic.exceptions import DynamicApiError

from support.kubernetes.access import kubeconfig
from support.kubernetes.kubectl import Kubectl

Manifest = dict[str, Any]
_APPLY = "application/apply-patch+yaml"


@dataclass(frozen=True)
class Call:
    """A request; `body` is what is made, applied or asked for."""

    method: str
    path: str
    body: Manifest | None = None


def collection(manifest: Manifest, plural: str) -> str:
    """Return the path under which objects of a kind and namespace are."""
    version, namespace = manifest["apiVersion"], manifest["metadata"].get("namespace")
    group = f"/apis/{version}" if "/" in version else f"/api/{version}"
    return f"{group}/namespaces/{namespace}/{plural}" if namespace else f"{group}/{plural}"


class Impersonated:
    """An administrator who acts as an account."""

    def __init__(self, kubectl: Kubectl, user: str) -> None:
        connection = client.Configuration()
        with TemporaryDirectory() as folder:
            access = Path(folder) / "kubeconfig"
            access.write_text(kubeconfig(kubectl))
            config.load_kube_config(str(access), client_configuration=connection)
            caller = client.ApiClient(connection)
        caller.set_default_header("Impersonate-User", user)
        self._client = DynamicClient(caller, discoverer=lambda *_: None)

    def refusal(self, call: Call) -> str:
        """Try a call; returns what the API server says against it, nothing if it would do it."""
        applied = (
            {"content_type": _APPLY, "force_conflicts": True} if call.method == "PATCH" else {}
        )
        asked = {"dry_run": "All", "field_manager": "medvault-operator", **applied}
        try:
            self._client.request(
                call.method.lower(),
                call.path,
                body=call.body,
                serialize=False,
                _request_timeout=10,
                **asked,
            )
        except DynamicApiError as error:
            try:
                return str(json.loads(error.body or "")["message"])
            except (ValueError, KeyError, TypeError):
                return f"{error.status} {error.reason}"
        return ""
