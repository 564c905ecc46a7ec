"""docs/rights.md: each process of a vault, what it holds and reaches, read from what is applied.

Nothing here decides anything, so that a right that a builder gives shows in the page's diff:
`python -m medvault_operator.rights > docs/rights.md`, or `make manifests`.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from medvault_operator.api.conditions import Reason
from medvault_operator.api.v1alpha1 import API_VERSION, KIND, database, logins
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.capabilities.rollout import Rollout, files_at
from medvault_operator.capabilities.whole import decide
from medvault_operator.resources import outside
from medvault_operator.resources.jobs import jobs
from medvault_operator.vault import labels
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.vault.components import Component
from medvault_operator.vault.credentials import Credentials
from medvault_operator.vault.grants import NOTHING, QUEUES, ROLES, STORE
from medvault_operator.vault.installation import Installation, Network, operator_of
from medvault_operator.vault.release import Release
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.secrets import Secret
from medvault_operator.world.world import World

_IMAGE = "ghcr.io/medvault/services"
_WHATSAPP = {"phoneNumberId": "106540352242922", "secretRef": {"name": "whatsapp"}}
_PARTS = ("database", "broker", "cache", "storage", "scanner")
INSIDE: dict[str, Any] = {"whatsapp": _WHATSAPP, **{part: {"managed": {}} for part in _PARTS}}
OUTSIDE: dict[str, Any] = {
    "whatsapp": _WHATSAPP,
    "keys": {"secretRef": {"name": "keys"}},
    **{part: {"external": {"secretRef": {"name": part}}} for part in ("database", "broker")},
    "cache": {"external": {"secretRef": {"name": "cache"}}},
    "storage": {"external": {"bucket": "reports", "secretRef": {"name": "storage"}}},
    "scanner": {"external": {"address": "tcp://clamd.security.svc:3310"}},
}
SECTIONS = {
    "Everything inside the cluster": INSIDE,
    "Database, broker, cache, store and scanner of others": OUTSIDE,
}
_HEAD = """\
# What each process holds and reaches

Made from what the operator applies (`make manifests`); a test holds it equal. A row is all that the
cluster hands to whoever takes the process over: the keys of Secrets that its pod mounts, as
`secret/key`, and the hosts and ports that its network policy lets it reach, where the cluster's
network enforces policies. Every process with a host asks the cluster's DNS besides. No pod has a
token of Kubernetes. A pod's own node reaches all of its ports: plugins see to that, for probes.

*May do* is what its logins are let do, where each process has its own: the role in PostgreSQL whose
rights it has, the queues of RabbitMQ (whose default exchange leads to every queue: who may publish
may publish to any), and the actions in the store. `migrate` has the owner's login and logs in once
as each process; it and `storage` have the keys of the store's root.

*The internet* is every address but private ones; *anywhere* is every pod and every address but
those where clouds give out identities. A vault whose store has no `secretRef` asks for such an
identity: its `media` and `migrate` reach 169.254.169.254 and 169.254.170.23 at port 80, and 443
anywhere.
"""
_OPTIONAL = frozenset({database.REPLICA_URL, *logins.URLS, *logins.STORE_KEYS, logins.INTAKE_KEY})
_TABLE = ("| process | holds | may do | reaches | is reached by |", "|---|---|---|---|---|")


def page() -> str:
    """Return the whole page."""
    sections = (
        f"## {title}\n\n" + "\n".join([*_TABLE, *_rows(_vault(spec))])
        for title, spec in SECTIONS.items()
    )
    return "\n".join([_HEAD, "\n\n".join(sections), ""])


def _vault(spec: dict[str, Any]) -> MedicalVault:
    metadata = {"name": "vault", "namespace": "clinic", "uid": "0"}
    return MedicalVault.parse(
        {"apiVersion": API_VERSION, "kind": KIND, "metadata": metadata, "spec": spec}
    )


def _rows(vault: MedicalVault) -> Iterator[str]:
    credentials = Credentials.of(vault)
    secrets = {
        one.name: Secret(frozenset(one.keys) | (frozenset() if one.generated else _OPTIONAL), "1")
        for one in credentials.needed
    }
    release = Release(_IMAGE, True, _IMAGE, contract=True, divides=True, contracted=True)
    world = World(datetime.now(UTC), secrets=secrets)
    installation = Installation(_IMAGE, Network(operator=(operator_of("medvault-system"),)))
    blueprint = Blueprint.derive(vault, installation, credentials, secrets)
    files = files_at(blueprint, world, release)
    rollout = Rollout(release, jobs(blueprint), files, (), Reason.SETTLED, "")
    made = decide(blueprint, world, rollout).objects
    policies = [one["spec"] for one in made if one["kind"] == "NetworkPolicy"]
    for one in made:
        if template := one.get("spec", {}).get("template"):
            name = template["metadata"]["labels"][labels.COMPONENT]
            mine = [spec for spec in policies if _selected(spec).get(labels.COMPONENT) == name]
            ways = (_ways(mine, direction) for direction in ("egress", "ingress"))
            cells = (held(template["spec"]), _allowed(Component(name)), *ways)
            yield f"| {name} | {' | '.join('<br>'.join(cell) for cell in cells)} |"


def held(pod: Manifest) -> list[str]:
    """Return the keys of Secrets that a pod reads, as `secret/key`; `*` stands for all keys."""
    projected = [
        volume["projected"]["sources"] for volume in pod["volumes"] if "projected" in volume
    ]
    whole = [*pod["volumes"], *(source for sources in projected for source in sources)]
    sources = [source["secret"] for source in whole if "secret" in source]
    found = {
        f"{source.get('secretName') or source['name']}/{item['key']}"
        for source in sources
        for item in source.get("items", [{"key": "*"}])
    }
    for container in [*pod.get("initContainers", ()), *pod["containers"]]:
        for given in container.get("env", ()):
            if key := given.get("valueFrom", {}).get("secretKeyRef"):
                found.add(f"{key['name']}/{key['key']}")
    return [f"`{one}`" for one in sorted(found)]


def _allowed(process: Component) -> list[str]:
    found = [f"PostgreSQL: `{ROLES[process]}`"] if process in ROLES else []
    if may := QUEUES.get(process):
        rights = {"configure": may.configure, "write": may.write, "read": may.read}
        found += [f"{verb} {_in_table(queues)}" for verb, queues in rights.items()]
    return found + [f"`{action}`" for action in STORE.get(process, ())]


def _in_table(queues: str) -> str:
    """Return a regular expression as a table of Markdown takes it."""
    return "nothing" if queues == NOTHING else "`" + queues.replace("|", "\\|") + "`"


def _selected(spec: Manifest) -> dict[str, str]:
    found: dict[str, str] = spec["podSelector"]["matchLabels"]
    return found


def _ways(specs: list[Manifest], direction: str) -> list[str]:
    side = "to" if direction == "egress" else "from"
    found = {
        f"{peer}:{port['port']}"
        for spec in specs
        for rule in spec.get(direction, ())
        for port in rule["ports"]
        for peer in _peers(rule.get(side))
        if not (direction == "egress" and port["port"] == 53)
    }
    return sorted(found)


def _peers(given: list[Manifest] | None) -> list[str]:
    if given is None:
        return ["everybody"]
    if given == outside.public():
        return ["the internet"]
    if given == outside.anywhere():
        return ["anywhere"]
    return [_peer(one) for one in given]


def _peer(given: Manifest) -> str:
    if block := given.get("ipBlock"):
        return str(block)
    if place := given.get("namespaceSelector"):
        return f"{_those(given)}namespace {', '.join(place['matchLabels'].values())}"
    return str(given["podSelector"]["matchLabels"][labels.COMPONENT])


def _those(given: Manifest) -> str:
    """Return by which labels pods of a namespace are chosen; nothing stands for all of them."""
    chosen = given.get("podSelector", {}).get("matchLabels", {})
    return f"{', '.join(chosen.values())} in " if chosen else ""


if __name__ == "__main__":
    sys.stdout.write(page())
