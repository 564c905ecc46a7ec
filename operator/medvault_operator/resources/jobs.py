"""Jobs that change the database around a release: migrate before it, contract after it."""

import json
from hashlib import sha256
from typing import Any

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.api.v1alpha1.workloads import resources
from medvault_operator.resources import pods
from medvault_operator.resources.objects import owned
from medvault_operator.resources.service_pods import template
from medvault_operator.vault.components import child_name
from medvault_operator.vault.interface import CONTRACT, MIGRATE, Process
from medvault_operator.vault.release import JobNames
from medvault_operator.vault.secret_files import secret_files
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.world import World

_TRIES = 6
"""Kubernetes waits 10 s before the second one, then twice as long each time."""

_NOT_COUNTED = {"rules": [{"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}]}
"""A pod that a drained node took away has not failed."""


def job_names(vault: MedicalVault, world: World, image: str) -> JobNames:
    """Return what the Jobs of an image are called.

    A Job can't be changed, so that its name has a digest of what it runs: an edited Secret or
    another place of the database makes another Job.
    """
    return JobNames(
        migrate=_name(vault, MIGRATE, _template(vault, world, MIGRATE, image)),
        contract=_name(vault, CONTRACT, _template(vault, world, CONTRACT, image)),
    )


def migrate(vault: MedicalVault, world: World, image: str) -> Manifest:
    """Return the Job that brings database and bucket up to date; what runs may go on meanwhile."""
    return _job(vault, world, MIGRATE, image)


def contract(vault: MedicalVault, world: World, image: str) -> Manifest:
    """Return the Job that takes away what only the release before needed."""
    return _job(vault, world, CONTRACT, image)


def _job(vault: MedicalVault, world: World, process: Process, image: str) -> Manifest:
    pod = _template(vault, world, process, image)
    return owned(
        "Job",
        vault,
        process.component,
        name=_name(vault, process, pod),
        spec={"backoffLimit": _TRIES, "podFailurePolicy": _NOT_COUNTED, "template": pod},
    )


def _template(vault: MedicalVault, world: World, process: Process, image: str) -> dict[str, Any]:
    needs = pods.resources(resources("50m", "128Mi", "512Mi"))
    files = secret_files(vault, world, process.component)
    pod = template(vault, world, process, image, files, resources=needs)
    pod["spec"]["restartPolicy"] = "Never"
    return pod


def _name(vault: MedicalVault, process: Process, pod: dict[str, Any]) -> str:
    digest = sha256(json.dumps(pod, sort_keys=True).encode()).hexdigest()[:10]
    return f"{child_name(vault, process.component)}-{digest}"
