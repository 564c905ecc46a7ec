"""The acts of a release in the cluster besides its objects: `apply` and `check`.

`apply` applies the MedicalVault that VAULT holds as JSON, once the API serves its kind: an object
of a kind that the same release brings can't be one of its own. `check` tells whether the operator
at OPERATOR is ready and the API serves MedicalVault. Both end with code 1 and a sentence otherwise.

It runs in the operator's image, from a pod's command line, and needs the standard library only.
"""

import json
import os
import ssl
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

API = os.environ.get("KUBERNETES_API", "https://kubernetes.default.svc")
ACCOUNT = Path(os.environ.get("ACCOUNT", "/var/run/secrets/kubernetes.io/serviceaccount"))
SECONDS = float(os.environ.get("SECONDS_TO_WAIT", "90"))
GROUP = "/apis/medvault.dev/v1alpha1"
MANAGER = "fieldManager=medvault-chart&force=true"


def ask(path: str, vault: str | None = None) -> bytes:
    """Read from the Kubernetes API, or apply a vault there; raises URLError and HTTPError."""
    certificate = ACCOUNT / "ca.crt"
    trust = ssl.create_default_context(cafile=certificate) if certificate.exists() else None
    request = Request(API + path, vault.encode() if vault else None)  # noqa: S310
    request.add_header("Authorization", f"Bearer {(ACCOUNT / 'token').read_text()}")
    if vault:
        request.method = "PATCH"
        request.add_header("Content-Type", "application/apply-patch+yaml")
    with urlopen(request, timeout=10, context=trust) as answer:  # noqa: S310
        body: bytes = answer.read()
        return body


def wait(for_what: str, holds: Callable[[], bool]) -> None:
    """Ask every second; ends the program when the time is over."""
    end = time.monotonic() + SECONDS
    while True:
        try:
            if holds():
                return
            said = "not yet"
        except (URLError, OSError) as error:
            said = str(error)
        if time.monotonic() > end:
            sys.exit(f"Waited {SECONDS:.0f} s for {for_what}: {said}.")
        time.sleep(1)


def kind_is_served() -> bool:
    """Whether the API knows MedicalVault."""
    try:
        resources = json.loads(ask(GROUP))["resources"]
    except HTTPError as error:
        if error.code == 404:
            return False
        raise
    return any(resource["name"] == "medicalvaults" for resource in resources)


def operator_is_ready() -> bool:
    """Whether the operator's probe says so."""
    with urlopen(os.environ["OPERATOR"] + "/ready", timeout=10) as answer:  # noqa: S310
        return bool(answer.status == 200)


def apply() -> None:
    """Apply the vault, and say what the API says if it refuses."""
    wait("the API to serve MedicalVault (is crds.enabled off?)", kind_is_served)
    vault = os.environ["VAULT"]
    metadata = json.loads(vault)["metadata"]
    place = f"/namespaces/{metadata['namespace']}/medicalvaults/{metadata['name']}"
    try:
        ask(f"{GROUP}{place}?{MANAGER}", vault)
    except HTTPError as error:
        said = error.read().decode(errors="replace")
        try:
            said = json.loads(said)["message"]
        except (ValueError, KeyError, TypeError):
            said = f"{error}: {said}"
        sys.exit(f"The API refuses vault.spec. {said}")
    sys.stdout.write(f"Applied the vault {metadata['name']}.\n")


def check() -> None:
    """Look at what a release needs to be of use."""
    wait("the operator to be ready", operator_is_ready)
    wait("the API to serve MedicalVault", kind_is_served)
    sys.stdout.write("The operator is ready, and the API serves MedicalVault.\n")


if __name__ == "__main__":
    {"apply": apply, "check": check}[sys.argv[1]]()
