"""Which image runs, and which Jobs stand around its change."""

from dataclasses import dataclass

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.vault.installation import Installation


@dataclass(frozen=True, slots=True)
class Release:
    """What shall run now.

    `migrate` tells whether the Job shall exist that brings database and bucket up to date for
    `image`; `deploy` is the image that services run, none before the first migration is done;
    `contract` tells whether the Job shall exist that removes what only the release before needed,
    `contracted` whether it is done. `divides` tells that the migration has admitted each process'
    own login, which `image` knows.
    """

    image: str
    migrate: bool
    deploy: str | None
    contract: bool
    divides: bool = False
    contracted: bool = False


def wanted_image(vault: MedicalVault, installation: Installation) -> str:
    """Return the image that the services shall run in the end."""
    return vault.spec.image or installation.services_image
