"""Pods of the services' image: one container that runs one command of `medvault`."""

from typing import Any

from medvault_operator.resources import pods, settings
from medvault_operator.vault import labels
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.vault.interface import PROGRAM, Process
from medvault_operator.vault.secret_files import Files
from medvault_operator.world.manifest import Manifest


def template(
    blueprint: Blueprint, process: Process, image: str, files: Files, **container: Any
) -> Manifest:
    """Return a pod template; `files` are its secrets, `container` adds ports, probes, resources."""
    vault = blueprint.vault
    given = labels.of_component(vault, process.component) | labels.version(image)
    return {
        "metadata": {
            "labels": given,
            "annotations": {labels.SECRETS: settings.digest(blueprint, process, files)},
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
                    "env": settings.environment(blueprint, process, files),
                    "securityContext": pods.container_security(),
                    "volumeMounts": [
                        pods.mount(settings.VOLUME, settings.FOLDER, read_only=True),
                        pods.mount("tmp", "/tmp"),  # noqa: S108
                    ],
                    **container,
                }
            ],
            "volumes": [settings.volume(process, files), pods.scratch("tmp", "64Mi")],
        },
    }
