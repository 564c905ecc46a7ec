"""One vault brought to where it shall be: observe, decide, apply, prune, and say so last."""

import contextlib
import os
from collections.abc import Callable
from datetime import UTC, datetime

from pydantic import ValidationError

from medvault_operator.api.v1alpha1.status import VaultStatus
from medvault_operator.api.v1alpha1.vault import MedicalVault, Metadata, VaultSpec
from medvault_operator.capabilities.rollout import Rollout, rollout
from medvault_operator.capabilities.standing import failed, paused, refused, standing
from medvault_operator.kube.api import Api
from medvault_operator.kube.errors import ApiError, Missing, Refused, Terminating
from medvault_operator.kube.kinds import VAULT
from medvault_operator.observability import metrics
from medvault_operator.observability.metrics import Outcome
from medvault_operator.observation.observer import Observer
from medvault_operator.reconcile.applier import Applier
from medvault_operator.reconcile.plan import Written
from medvault_operator.resources import children, generated_secrets
from medvault_operator.resources.jobs import job_names
from medvault_operator.vault.installation import Installation
from medvault_operator.vault.name import VaultName
from medvault_operator.vault.release import wanted_image
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.world import World


class Reconciler:
    """Reconciles one vault a call; several threads may call it for different vaults.

    What passes is raised as an `ApiError`, for another try later. What the API server refuses
    stands in the vault's status.
    """

    def __init__(
        self,
        api: Api,
        observer: Observer,
        installation: Installation,
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._api = api
        self._observer = observer
        self._installation = installation
        self._random_bytes = random_bytes
        self._written: dict[VaultName, Written] = {}

    def reconcile(self, name: VaultName) -> Outcome:
        """Look at a vault once and do what is to be done now.

        Of one that is being deleted, or its namespace, nothing is left to do: what it owns goes
        with it.
        """
        body = self._api.get(VAULT, name.namespace, name.name)
        if body is None or "deletionTimestamp" in body["metadata"]:
            self._written.pop(name, None)
            self._observer.forget(name)
            return Outcome.GONE
        try:
            return self._look_after(_read(body), body)
        except (Missing, Terminating):
            return Outcome.GONE
        except ApiError:
            raise
        except Exception as error:
            with contextlib.suppress(ApiError):
                self._say(body, failed(_frame(body), _unseen(), _described(error)))
            raise

    def _look_after(self, vault: MedicalVault, body: Manifest) -> Outcome:
        try:
            world = self._observer.world(vault)
        except Refused as error:
            problem = f"the operator a look around: {error.reason}: {error.message}"
            self._say(body, refused(vault, _unseen(), (problem,)))
            return Outcome.REFUSED
        if vault.spec.paused:
            self._say(body, paused(vault, world))
            return Outcome.PAUSED
        return self._advance(vault, body, world)

    def _advance(self, vault: MedicalVault, body: Manifest, world: World) -> Outcome:
        written = self._written.setdefault(VaultName(vault.namespace, vault.name), Written())
        applier = Applier(self._api, world, written)
        self._complete(vault, applier)
        image = wanted_image(vault, self._installation)
        decided = rollout(vault, applier.world, image, job_names(vault, applier.world, image))
        applier.delete(("Job", name) for name in decided.retry)
        network = self._installation.network
        applier.bring_about(children.desired(vault, applier.world, decided.release, network))
        if applier.problems:
            self._say(body, refused(vault, applier.world, tuple(applier.problems)))
            return Outcome.REFUSED
        status = standing(vault, applier.world, decided)
        if not applier.unfinished and self._is_whole(vault, decided):
            status = status.model_copy(update={"observed_generation": vault.metadata.generation})
        self._say(body, status)
        settled = decided.settled and not applier.unfinished
        return Outcome.SETTLED if settled else Outcome.PROGRESSING

    def _complete(self, vault: MedicalVault, applier: Applier) -> None:
        """Make the Secrets that are missing, and then those that are made of others."""
        applier.create(generated_secrets.missing(vault, applier.world, self._random_bytes))
        names = generated_secrets.sources(vault, applier.world)
        known = self._observer.values(vault, names)
        made = generated_secrets.missing(vault, applier.world, self._random_bytes, known)
        applier.create(made if known else ())

    def _is_whole(self, vault: MedicalVault, decided: Rollout) -> bool:
        """Tell whether all that the spec asks for was applied, the services' image included."""
        return decided.release.deploy == wanted_image(vault, self._installation)

    def _say(self, body: Manifest, status: VaultStatus) -> None:
        said = status.model_dump(mode="json", by_alias=True, exclude_none=True)
        if _comparable(said) == _comparable(body.get("status", {})):
            return
        metadata = {name: body["metadata"][name] for name in ("name", "namespace", "uid")}
        named = {"apiVersion": VAULT.api_version, "kind": VAULT.name, "metadata": metadata}
        self._api.apply({**named, "status": said}, status=True)
        metrics.status_writes.inc()


def _read(body: Manifest) -> MedicalVault:
    """Read a vault; a status that another release of the operator wrote is written anew."""
    try:
        return MedicalVault.parse(body)
    except ValidationError:
        return MedicalVault.parse({**body, "status": {}})


def _frame(body: Manifest) -> MedicalVault:
    """Return a vault of which nothing is read but who it is, and what was said of it before."""
    try:
        status = VaultStatus.model_validate(body.get("status", {}))
    except ValidationError:
        status = VaultStatus()
    return MedicalVault.model_construct(
        metadata=Metadata.model_validate(body["metadata"]),
        spec=VaultSpec.model_construct(),
        status=status,
    )


def _unseen() -> World:
    return World(now=datetime.now(UTC))


def _described(error: Exception) -> str:
    """Return an error's class, and the fields that it is about, but no value."""
    if not isinstance(error, ValidationError):
        return type(error).__name__
    fields = {".".join(str(part) for part in found["loc"]) for found in error.errors()}
    return f"it does not understand {', '.join(sorted(fields))}"


def _comparable(status: Manifest) -> Manifest:
    conditions = sorted(status.get("conditions", ()), key=lambda condition: condition["type"])
    return {**status, "conditions": conditions}
