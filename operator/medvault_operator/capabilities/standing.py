"""The whole status of a vault."""

from medvault_operator.api.conditions import Condition, ConditionType, Reason
from medvault_operator.api.v1alpha1.status import StorageStatus, VaultStatus
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.capabilities.finding import Finding
from medvault_operator.capabilities.identity import identity
from medvault_operator.capabilities.judgement import Judgement
from medvault_operator.capabilities.prerequisites import prerequisites
from medvault_operator.capabilities.privileges import privileges
from medvault_operator.capabilities.redundancy import redundancy
from medvault_operator.capabilities.reports import report
from medvault_operator.capabilities.rollout import Rollout
from medvault_operator.capabilities.troubles import troubles
from medvault_operator.vault import workloads
from medvault_operator.vault.components import SERVICES, Component
from medvault_operator.world.world import World

_LACKS = {
    "versioning": "versioning: what is deleted or replaced is gone at once",
    "lifecycle": "lifecycle rules: old versions and leftovers of incoming/ are not removed by the "
    "store",
}


def standing(vault: MedicalVault, world: World, rollout: Rollout) -> VaultStatus:
    """Say what holds for a vault; `last_transition_time` is kept where a status is unchanged.

    `observed_generation` is what it was: the reconciler raises it after a whole success.
    """
    findings = [*prerequisites(vault, world), *troubles(vault, world, rollout.jobs)]
    counts = workloads.workloads(vault, world)
    judged = {
        ConditionType.AVAILABLE: _available(vault, world, rollout),
        ConditionType.PROGRESSING: _progressing(rollout),
        ConditionType.DEGRADED: _degraded(findings),
        ConditionType.PAUSED: _active(),
        ConditionType.HIGHLY_AVAILABLE: redundancy(vault, world),
        ConditionType.LEAST_PRIVILEGE: privileges(vault, world, rollout),
        ConditionType.IDENTITY_CHECK: identity(vault, world),
    }
    ready, desired = sum(one.ready for one in counts), sum(one.desired for one in counts)
    return VaultStatus(
        observed_generation=vault.status.observed_generation,
        conditions=_conditions(vault, world, judged),
        image=workloads.image(workloads.found(vault, world, Component.API)),
        ready=f"{ready}/{desired}",
        workloads=counts,
        storage=_storage(vault, world, rollout),
    )


def paused(vault: MedicalVault, world: World) -> VaultStatus:
    """Say of a vault that is left alone what it said before, and that it is paused."""
    message = "The operator leaves the vault as it is. Set spec.paused to false to go on."
    return _amended(
        vault, world, ConditionType.PAUSED, Judgement("True", Reason.REQUESTED, message)
    )


def refused(vault: MedicalVault, world: World, problems: tuple[str, ...]) -> VaultStatus:
    """Say of a vault that could not be applied why; `problems` are fit to be read by a person."""
    findings = [
        Finding(
            Reason.REFUSED,
            f"The API server refuses {problem}. Change the spec, or what the cluster forbids.",
        )
        for problem in problems
    ]
    return _amended(vault, world, ConditionType.DEGRADED, _degraded(findings))


def failed(vault: MedicalVault, world: World, error: str) -> VaultStatus:
    """Say of a vault that the operator met an error with it that nobody foresaw."""
    message = (
        f"The operator met an error that it did not expect: {error}. It tries again by itself. "
        "Use the definition and the operator of one release; if it lasts, report the operator's "
        "log."
    )
    finding = Finding(Reason.OPERATOR_FAILED, message)
    return _amended(vault, world, ConditionType.DEGRADED, _degraded([finding]))


def _amended(
    vault: MedicalVault, world: World, kind: ConditionType, judgement: Judgement
) -> VaultStatus:
    known = {
        one.type: Judgement(one.status, one.reason, one.message) for one in vault.status.conditions
    }
    conditions = _conditions(vault, world, {**known, kind: judgement})
    return vault.status.model_copy(update={"conditions": conditions})


def _conditions(
    vault: MedicalVault, world: World, judged: dict[ConditionType, Judgement]
) -> list[Condition]:
    before = {one.type: one for one in vault.status.conditions}
    return [
        _condition(vault, world, kind, judged[kind], before.get(kind))
        for kind in ConditionType
        if kind in judged
    ]


def _condition(
    vault: MedicalVault,
    world: World,
    kind: ConditionType,
    judgement: Judgement,
    before: Condition | None,
) -> Condition:
    kept = before and before.status == judgement.status and before.last_transition_time
    return Condition(
        type=kind,
        status=judgement.status,
        reason=judgement.reason,
        message=judgement.message,
        last_transition_time=kept or world.now,
        observed_generation=vault.metadata.generation,
    )


def _available(vault: MedicalVault, world: World, rollout: Rollout) -> Judgement:
    if rollout.release.deploy is None:
        return Judgement("False", Reason.NOT_DEPLOYED, f"Nothing runs yet. {rollout.message}")
    away = [one for one in SERVICES if not workloads.serves(workloads.found(vault, world, one))]
    if away:
        names = ", ".join(away)
        return Judgement(
            "False",
            Reason.NOT_READY,
            f"No pod is ready of: {names}. If it lasts, the condition Degraded says why.",
        )
    return Judgement("True", Reason.READY, "Patients are served.")


def _progressing(rollout: Rollout) -> Judgement:
    return Judgement("False" if rollout.settled else "True", rollout.reason, rollout.message)


def _degraded(findings: list[Finding]) -> Judgement:
    if not findings:
        return Judgement("False", Reason.AS_EXPECTED, "Nothing is wrong.")
    messages = list(dict.fromkeys(finding.message for finding in findings))
    return Judgement("True", findings[0].reason, " ".join(messages))


def _active() -> Judgement:
    return Judgement("False", Reason.ACTIVE, "The operator keeps the vault as the spec says.")


def _storage(vault: MedicalVault, world: World, rollout: Rollout) -> StorageStatus | None:
    """Say what the last migration found of the store; its pod may be gone by now."""
    lacks = report(world.reports.get(rollout.jobs.migrate, "")).lacks
    if lacks is None:
        return vault.status.storage
    return StorageStatus(lacks=[_LACKS.get(lack, lack) for lack in lacks])
