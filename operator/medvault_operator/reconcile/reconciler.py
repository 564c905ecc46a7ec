"""One vault brought to where it should be: observe, decide, apply, prune, and say so last."""

import contextlib
import os
from collections.abc import Callable
from datetime import UTC, datetime

from pydantic import ValidationError

from medvault_operator.api.v1alpha1.status import VaultStatus
from medvault_operator.api.v1alpha1.vault import MedicalVault, Metadata, VaultSpec
from medvault_operator.capabilities.rollout import Rollout
from medvault_operator.capabilities.standing import failed, paused, refused, standing
from medvault_operator.capabilities.whole import decide
from medvault_operator.kube.api import Api
from medvault_operator.kube.errors import ApiError, Missing, Refused, Terminating
from medvault_operator.kube.kinds import VAULT
from medvault_operator.observability import metrics
from medvault_operator.observability.metrics import Outcome
from medvault_operator.observation.observer import Observer
from medvault_operator.reconcile.actor import Actor
from medvault_operator.reconcile.applier import Applier
from medvault_operator.reconcile.plan import Written
from medvault_operator.resources.generated_secrets import missing, sources
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.vault.credentials import Credentials
from medvault_operator.vault.installation import Installation
from medvault_operator.vault.name import VaultName
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.world import World


class Reconciler:
    """Reconciles one vault a call; several threads may call it for different vaults.

    A passing failure is raised as an `ApiError`, for another try later. A refusal of the API server
    is written into the vault's status.
    """

    def __init__(
        self,
        api: Api,
        observer: Observer,
        actor: Actor,
        installation: Installation,
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._api = api
        self._observer = observer
        self._actor = actor
        self._installation = installation
        self._random_bytes = random_bytes
        self._written: dict[VaultName, Written] = {}

    def reconcile(self, name: VaultName) -> Outcome:
        """Look at a vault once and do what is to be done now.

        A vault that is being deleted needs nothing: its objects go with it.
        """
        body = self._api.get(VAULT, name.namespace, name.name)
        if body is None or "deletionTimestamp" in body["metadata"]:
            self._written.pop(name, None)
            self._actor.forget(name)
            return Outcome.GONE
        try:
            return self._look_after(_read(body), body)
        except (Missing, Terminating):
            return Outcome.GONE
        except ApiError:
            raise
        except Exception as error:
            with contextlib.suppress(ApiError):
                self._say(body, failed(_frame(body), datetime.now(UTC), _described(error)))
            raise

    def _look_after(self, vault: MedicalVault, body: Manifest) -> Outcome:
        credentials = Credentials.of(vault)
        try:
            world = self._observer.world(vault, credentials)
        except Refused as error:
            problem = f"to list the objects of the vault: {error.reason}: {error.message}"
            self._say(body, refused(vault, datetime.now(UTC), (problem,)))
            return Outcome.REFUSED
        if vault.spec.paused:
            self._say(body, paused(vault, world.now))
            return Outcome.PAUSED
        return self._advance(vault, body, credentials, world)

    def _advance(
        self, vault: MedicalVault, body: Manifest, credentials: Credentials, world: World
    ) -> Outcome:
        name = VaultName(vault.namespace, vault.name)
        applier = Applier(self._api, world, self._written.setdefault(name, Written()))
        self._complete(vault, credentials, applier)
        blueprint = Blueprint.derive(vault, self._installation, credentials, applier.world.secrets)
        rollout = Rollout.of(blueprint, applier.world)
        decision = decide(blueprint, applier.world, rollout)
        self._actor.carry_out(name, decision.actions)
        applier.delete(decision.again)
        applier.bring_about(decision.objects)
        if applier.problems:
            self._say(body, refused(vault, world.now, tuple(applier.problems)))
            return Outcome.REFUSED
        status = standing(vault, world.now, decision)
        whole = rollout.release.deploy == blueprint.image
        if whole and not applier.unfinished:
            status = status.model_copy(update={"observed_generation": vault.metadata.generation})
        self._say(body, status)
        settled = rollout.settled and not applier.unfinished
        return Outcome.SETTLED if settled else Outcome.PROGRESSING

    def _complete(self, vault: MedicalVault, credentials: Credentials, applier: Applier) -> None:
        """Make the Secrets that are missing, and then those that are made of others.

        They come before all decisions: Jobs are named, and pods replaced, after their versions.
        """
        applier.create(missing(vault, credentials, applier.world, self._random_bytes))
        known = self._observer.values(vault, sources(credentials, applier.world))
        if known:
            applier.create(missing(vault, credentials, applier.world, self._random_bytes, known))

    def _say(self, body: Manifest, status: VaultStatus) -> None:
        said = status.model_dump(mode="json", by_alias=True, exclude_none=True)
        if _comparable(said) == _comparable(body.get("status", {})):
            return
        metadata = {name: body["metadata"][name] for name in ("name", "namespace", "uid")}
        named = {"apiVersion": VAULT.api_version, "kind": VAULT.name, "metadata": metadata}
        self._api.apply({**named, "status": said}, status=True)
        metrics.status_writes.inc()


def _read(body: Manifest) -> MedicalVault:
    """Read a vault; a status of another release of the operator counts as none."""
    try:
        return MedicalVault.parse(body)
    except ValidationError:
        return MedicalVault.parse({**body, "status": {}})


def _frame(body: Manifest) -> MedicalVault:
    """Return a vault with nothing but its metadata and its last status."""
    try:
        status = VaultStatus.model_validate(body.get("status", {}))
    except ValidationError:
        status = VaultStatus()
    return MedicalVault.model_construct(
        metadata=Metadata.model_validate(body["metadata"]),
        spec=VaultSpec.model_construct(),
        status=status,
    )


def _described(error: Exception) -> str:
    """Return an error's class, and the fields that it is about, but no value."""
    if not isinstance(error, ValidationError):
        return type(error).__name__
    fields = {".".join(str(part) for part in found["loc"]) for found in error.errors()}
    return f"it does not understand {', '.join(sorted(fields))}"


def _comparable(status: Manifest) -> Manifest:
    conditions = sorted(status.get("conditions", ()), key=lambda condition: condition["type"])
    return {**status, "conditions": conditions}
