"""The image that runs, and the Jobs around its change."""

from dataclasses import dataclass

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.vault.installation import Installation


@dataclass(frozen=True, slots=True)
class Release:
    """The release that runs now, and the Jobs that exist.

    `migrate` asks for the Job that brings database and bucket up to date for `image`; `deploy` is
    the image that services run, none before the first migration is done; `contract` asks for the
    Job that removes schema that only the previous release used, `contracted` tells that it is done.
    `divides` tells that the migration has admitted each process' own login, which `image` knows.
    """

    image: str
    migrate: bool
    deploy: str | None
    contract: bool
    divides: bool = False
    contracted: bool = False


def wanted_image(vault: MedicalVault, installation: Installation) -> str:
    """Return the image that the services should run in the end."""
    return vault.spec.image or installation.services_image
