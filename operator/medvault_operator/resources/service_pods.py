"""Pods of the services' image: one container that runs one command of `medvault`."""

from typing import Any

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.interface import PROGRAM, Process
from medvault_operator.resources import labels, pods, settings
from medvault_operator.world import Manifest, World

SECRETS = "medvault.dev/secrets"
"""Annotation with a digest of the Secrets' versions."""


def template(
    vault: MedicalVault, world: World, process: Process, image: str, **container: Any
) -> Manifest:
    """Return a pod template; `container` adds ports, probes and resources."""
    given = labels.of_component(vault, process.component) | labels.version(image)
    return {
        "metadata": {
            "labels": given,
            "annotations": {SECRETS: settings.digest(vault, world, process)},
        },
        "spec": {
            "serviceAccountName": vault.name,
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": process.grace,
            "securityContext": pods.security(),
            **pods.pull_secrets(vault),
            **pods.placement(vault),
            "containers": [
                {
                    "name": process.component.value,
                    "image": image,
                    "command": [PROGRAM],
                    "args": list(process.arguments),
                    "env": settings.environment(vault, world, process),
                    "securityContext": pods.container_security(),
                    "volumeMounts": [
                        pods.mount(settings.VOLUME, settings.FOLDER, read_only=True),
                        pods.mount("tmp", "/tmp"),  # noqa: S108
                    ],
                    **container,
                }
            ],
            "volumes": [settings.volume(vault, world, process), pods.scratch("tmp", "64Mi")],
        },
    }
