"""Jobs that change the database around a release: migrate before it, contract after it."""

import json
from dataclasses import dataclass
from hashlib import sha256

from medvault_operator.api.v1alpha1.workloads import resources
from medvault_operator.resources import pods
from medvault_operator.resources.objects import owned
from medvault_operator.resources.service_pods import template
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.vault.components import child_name
from medvault_operator.vault.interface import CONTRACT, MIGRATE, Process
from medvault_operator.world.manifest import Manifest

_TRIES = 6
"""Kubernetes waits 10 s before the second one, then twice as long each time."""

_NOT_COUNTED = {"rules": [{"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}]}
"""A pod that a drained node took away has not failed."""


@dataclass(frozen=True, slots=True)
class Jobs:
    """The Jobs of an image: `migrate` before it, while what runs may go on, `contract` after it.

    A Job can't be changed, so that its name has a digest of what it runs: an edited Secret or
    another place of the database makes another Job.
    """

    migrate: Manifest
    contract: Manifest

    @property
    def names(self) -> tuple[str, str]:
        """The names of both."""
        return name_of(self.migrate), name_of(self.contract)


def jobs(blueprint: Blueprint) -> Jobs:
    """Return the Jobs that bring a vault to the image of its blueprint."""
    return Jobs(_job(blueprint, MIGRATE), _job(blueprint, CONTRACT))


def name_of(job: Manifest) -> str:
    """Return what a Job is called."""
    name: str = job["metadata"]["name"]
    return name


def _job(blueprint: Blueprint, process: Process) -> Manifest:
    needs = pods.resources(resources("50m", "128Mi", "512Mi"))
    files = blueprint.files.of_process(process.component)
    pod = template(blueprint, process, blueprint.image, files, resources=needs)
    pod["spec"]["restartPolicy"] = "Never"
    digest = sha256(json.dumps(pod, sort_keys=True).encode()).hexdigest()[:10]
    return owned(
        "Job",
        blueprint.vault,
        process.component,
        name=f"{child_name(blueprint.vault, process.component)}-{digest}",
        spec={"backoffLimit": _TRIES, "podFailurePolicy": _NOT_COUNTED, "template": pod},
    )
