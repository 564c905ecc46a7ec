"""Connections tried from within pods, all at once: which of them come about."""

import json
import time
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from support.cluster.objects import Manifest, get, wait_for
from support.kubernetes.kubectl import Kubectl

KNOCK = """
import json, socket, sys, time
from concurrent.futures import ThreadPoolExecutor
time.sleep(int(sys.argv[2]))
parts = b'kubernetes.default.svc.cluster.local'.split(b'.')
name = b''.join(bytes([len(one)]) + one for one in parts)
query = bytes.fromhex('123401000001000000000000') + name + bytes.fromhex('0000010001')
def opens(target):
    host, port, protocol = target
    try:
        if protocol == 'TCP':
            socket.create_connection((host, port), timeout=2).close()
            return True
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(2)
            asking.connect((host, port))
            asking.send(query)
            return bool(asking.recv(512))
    except OSError:
        return False
targets = json.loads(sys.argv[1])
with ThreadPoolExecutor(len(targets)) as pool:
    print(json.dumps(list(pool.map(opens, targets))))
"""
"""Tries each [host, port, protocol] for two seconds; UDP is a question that DNS answers."""

LISTEN = """
import socket, sys, threading
def echo(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taking:
        taking.bind(('', port))
        while True:
            said, whom = taking.recvfrom(512)
            taking.sendto(said, whom)
def take(port):
    with socket.create_server(('', port)) as taking:
        while True:
            taking.accept()[0].close()
for port in map(int, sys.argv[1:]):
    for serve in (echo, take):
        threading.Thread(target=serve, args=(port,)).start()
"""
"""Takes connections, and answers what comes by UDP, at some ports."""

_SECURITY = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
_ANY_PORT = {"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}
_ENDED = ("Succeeded", "Failed")
_HEARD_OF = 10
"""Seconds in which network plugins have heard of a new pod; nothing tells when they have."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a connection is tried."""

    host: str
    port: int
    protocol: str = "TCP"


def program(targets: list[Target], *, after: int = 0) -> list[str]:
    """Return the command that tries targets, after so many seconds."""
    given = [[one.host, one.port, one.protocol] for one in targets]
    return ["python", "-c", KNOCK, json.dumps(given), str(after)]


def inside(kubectl: Kubectl, pod: str, targets: list[Target]) -> list[bool]:
    """Try targets from a running pod of the services' image; tells for each if it came about."""
    return _read(kubectl.run("exec", pod, "--", *program(targets), seconds=60))


def beside(kubectl: Kubectl, pod: str, image: str, targets: list[Target]) -> list[bool]:
    """Try targets from a container beside those of a running pod, which has its network."""
    name = f"knock-{token_hex(3)}"
    options = (f"--image={image}", "--profile=restricted", f"--container={name}", "--quiet")
    kubectl.run("debug", pod, *options, "--", *program(targets))

    def ended(found: Manifest) -> bool:
        states = found["status"].get("ephemeralContainerStatuses", ())
        return any("terminated" in one["state"] for one in states if one["name"] == name)

    wait_for(kubectl, "pod", pod, ended, seconds=60, what=f"{name} of {pod}")
    return _read(kubectl.run("logs", pod, "-c", name))


def alone(
    kubectl: Kubectl, image: str, labels: dict[str, str], targets: list[Target]
) -> list[bool]:
    """Try targets from a pod of its own that has these labels."""
    name = start(kubectl, image, labels, program(targets, after=_HEARD_OF))
    try:
        wait_for(
            kubectl, "pod", name, lambda one: one["status"]["phase"] in _ENDED,
            seconds=60, what=f"the end of {name}",
        )  # fmt: skip
        return _read(kubectl.run("logs", name))
    finally:
        kubectl.run("delete", "pod", name, "--wait=false")


def start(kubectl: Kubectl, image: str, labels: dict[str, str], command: list[str]) -> str:
    """Start a pod that may open any port; returns its name."""
    name = f"knock-{token_hex(3)}"
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": 1,
            "securityContext": {
                "runAsNonRoot": True,
                "seccompProfile": {"type": "RuntimeDefault"},
                "sysctls": [_ANY_PORT],
            },
            "containers": [
                {"name": "knock", "image": image, "command": command, "securityContext": _SECURITY}
            ],
        },
    }
    kubectl.apply(pod, "--field-manager", "administrator")
    return name


def address(kubectl: Kubectl, pod: str, *, seconds: float = 60) -> str:
    """Return a pod's address once it runs."""
    end = time.monotonic() + seconds
    wait_for(
        kubectl, "pod", pod, lambda one: one["status"]["phase"] == "Running",
        seconds=end - time.monotonic(), what=f"{pod} running",
    )  # fmt: skip
    found: Any = get(kubectl, "pod", pod)
    return str(found["status"]["podIP"])


def _read(said: str) -> list[bool]:
    found: list[bool] = json.loads(said.strip().splitlines()[-1])
    return found
