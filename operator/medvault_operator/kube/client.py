"""The API over HTTP: the only place that knows the Kubernetes client.

Paths come from `kinds`, so nothing is discovered: the client's discovery asks the server for every
group at start, forgets all of it whenever a kind is not served, and keeps a file in /tmp.
"""

import contextlib
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from kubernetes import client, config
from kubernetes.dynamic import DynamicClient
from kubernetes.dynamic.exceptions import DynamicApiError
from kubernetes.dynamic.resource import Resource, Subresource
from urllib3 import Retry
from urllib3.exceptions import HTTPError

from medvault_operator.kube.errors import Away, Conflict, Missing, Refused, Terminating
from medvault_operator.kube.kinds import SECRET, Kind, kind_of
from medvault_operator.vault import labels
from medvault_operator.world.manifest import Manifest

Connection = client.Configuration
"""How to reach a cluster, and as whom."""

_PASSING = frozenset({401, 408, 429})
"""Answers besides 5xx that may be others the next time; 401 is that of a token just replaced."""
_TERMINATING = "NamespaceTerminating"
_REFUSALS = {404: Missing, 409: Conflict}


class KubernetesApi:
    """An `Api` that gives every call `seconds`, and may be used by several threads."""

    def __init__(self, connection: Connection, seconds: float = 10) -> None:
        connection.retries = Retry(total=1, status=0, respect_retry_after_header=False)
        self._client = DynamicClient(client.ApiClient(connection), discoverer=lambda *_: None)
        self._seconds = seconds

    def get(self, kind: Kind, namespace: str, name: str) -> Manifest | None:
        """Return an object, or nothing."""
        try:
            return self._call("get", kind, namespace=namespace, name=name)
        except Missing:
            return None

    def list(self, kind: Kind, namespace: str = "", selector: str = "") -> list[Manifest]:
        """Return objects."""
        found = self._call("get", kind, namespace=namespace, label_selector=selector or None)
        named = {"apiVersion": kind.api_version, "kind": kind.name}
        return [named | item for item in found["items"]]

    def create(self, manifest: Manifest) -> Manifest:
        """Make an object."""
        kind, namespace, _ = _place(manifest)
        return self._call("create", kind, namespace=namespace, body=manifest, **_MANAGED)

    def replace(self, manifest: Manifest) -> Manifest:
        """Write an object over the version that it names."""
        kind, namespace, name = _place(manifest)
        return self._call(
            "replace", kind, namespace=namespace, name=name, body=manifest, **_MANAGED
        )

    def apply(self, manifest: Manifest, *, status: bool = False) -> Manifest:
        """Apply on the server's side."""
        kind, namespace, name = _place(manifest)
        return self._call(
            "server_side_apply",
            kind,
            status=status,
            namespace=namespace,
            name=name,
            body=manifest,
            force_conflicts=True,
            **_MANAGED,
        )

    def hand_over(self, manifest: Manifest) -> None:
        """Apply as somebody who never applies again: whoever writes next has the fields then."""
        kind, namespace, name = _place(manifest)
        with contextlib.suppress(Conflict):
            self._call(
                "server_side_apply",
                kind,
                namespace=namespace,
                name=name,
                body=manifest,
                field_manager=_FORMER,
            )

    def overwrite(self, manifest: Manifest) -> Manifest:
        """Write over what is there."""
        kind, namespace, name = _place(manifest)
        return self._call(
            "patch",
            kind,
            namespace=namespace,
            name=name,
            body=manifest,
            content_type="application/merge-patch+json",
            **_MANAGED,
        )

    def delete(self, manifest: Manifest) -> None:
        """Delete the object of this uid."""
        kind, namespace, name = _place(manifest)
        body = {
            "preconditions": {"uid": manifest["metadata"]["uid"]},
            "propagationPolicy": "Background",
        }
        try:
            self._call("delete", kind, namespace=namespace, name=name, body=body)
        except (Missing, Conflict):
            return

    def version(self) -> tuple[int, int]:
        """Return the API server's version."""
        said = self._answer(lambda: self._request("get", "version"))
        return int(said["major"]), int("".join(filter(str.isdigit, said["minor"])))

    def serves(self, kind: Kind) -> bool:
        """Tell whether the cluster knows a kind."""
        group = f"apis/{kind.api_version}" if kind.group else f"api/{kind.version}"
        try:
            found = self._answer(lambda: self._request("get", group), kind)
        except Missing:
            return False
        return any(resource["kind"] == kind.name for resource in found["resources"])

    def _call(self, verb: str, kind: Kind, *, status: bool = False, **options: Any) -> Manifest:
        resource = _resource(kind, status=status)
        call = getattr(self._client, verb)
        limits = {"serialize": False, "_request_timeout": self._seconds}
        return self._answer(lambda: call(resource, **options, **limits), kind)

    def _request(self, method: str, path: str) -> Any:
        return self._client.request(method, path, serialize=False, _request_timeout=self._seconds)

    def _answer(self, call: Any, kind: Kind | None = None) -> Manifest:
        try:
            answer: Manifest = json.loads(call().data)
        except DynamicApiError as error:
            raise _refusal(error, kind) from None
        except (HTTPError, client.ApiException, OSError, ValueError) as error:
            raise Away(type(error).__name__) from None
        return answer


_MANAGED: Mapping[str, Any] = {"field_manager": labels.MANAGER}
_FORMER = f"{labels.MANAGER}-before"


def connect(context: str | None = None) -> Connection:
    """Return how to reach the cluster: from inside a pod, or by a context of the kubeconfig.

    Raises `Away` with advice if there is neither.
    """
    connection = Connection()
    try:
        try:
            config.load_incluster_config(client_configuration=connection)
        except config.ConfigException:
            config.load_kube_config(context=context, client_configuration=connection)
    except config.ConfigException:
        raise Away(
            "no way to the Kubernetes API: run in a pod with a service account, or set KUBECONFIG"
        ) from None
    return connection


def _place(manifest: Manifest) -> tuple[Kind, str, str]:
    metadata = manifest["metadata"]
    return kind_of(manifest), metadata.get("namespace", ""), metadata["name"]


def _resource(kind: Kind, *, status: bool) -> Resource:
    resource = Resource(
        prefix="apis" if kind.group else "api",
        group=kind.group,
        api_version=kind.version,
        kind=kind.name,
        name=kind.plural,
        namespaced=kind.namespaced,
    )
    if not status:
        return resource
    return Subresource(
        resource, kind=kind.name, name=f"{kind.plural}/status", namespaced=kind.namespaced
    )


def _refusal(error: DynamicApiError, kind: Kind | None) -> Refused | Away:
    status = int(error.status or 0)
    said = _said(error)
    reason, message = str(said.get("reason") or error.reason), str(said.get("message", ""))
    if status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR or not status:
        return Away(reason)
    if kind == SECRET:
        message = ""  # it may show a value
    if any(cause.get("reason") == _TERMINATING for cause in _causes(said)):
        return Terminating(status, reason, message)
    return _REFUSALS.get(status, Refused)(status, reason, message)


def _said(error: DynamicApiError) -> dict[str, Any]:
    """Return the server's Status object; a proxy in between may send anything."""
    try:
        said = json.loads(error.body or "")
    except (ValueError, TypeError):
        return {}
    return said if isinstance(said, dict) else {}


def _causes(said: dict[str, Any]) -> list[dict[str, Any]]:
    return (said.get("details") or {}).get("causes") or []
