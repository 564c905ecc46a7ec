"""Labels, by which Kubernetes and people find what belongs together."""

import re

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.vault.components import Component

NAME = "app.kubernetes.io/name"
INSTANCE = "app.kubernetes.io/instance"
COMPONENT = "app.kubernetes.io/component"
PART_OF = "app.kubernetes.io/part-of"
MANAGED_BY = "app.kubernetes.io/managed-by"
VERSION = "app.kubernetes.io/version"
SECRETS = "medvault.dev/secrets"
"""Annotation with a digest of the versions of Secrets, so that a pod follows a change of them."""

APPLICATION = "medvault"
MANAGER = "medvault-operator"
"""Also the field manager of server-side apply."""


def of_vault(vault: MedicalVault) -> dict[str, str]:
    """Return the labels that all objects of a vault have."""
    return {NAME: APPLICATION, INSTANCE: vault.name, PART_OF: APPLICATION, MANAGED_BY: MANAGER}


def of_component(vault: MedicalVault, component: Component) -> dict[str, str]:
    """Return the labels of a component's objects and pods."""
    return of_vault(vault) | {COMPONENT: component}


def selector(vault: MedicalVault, component: Component) -> dict[str, str]:
    """Return the labels that select a component's pods; they never change."""
    return {NAME: APPLICATION, INSTANCE: vault.name, COMPONENT: component}


def version(image: str) -> dict[str, str]:
    """Return the label of an image's tag; none where a digest or nothing says which it is."""
    tag = image.rpartition("/")[2].partition("@")[0].partition(":")[2]
    valid = re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?", tag)
    return {VERSION: tag} if valid else {}
