"""The whole status of a vault."""

from datetime import datetime

from medvault_operator.api.conditions import Condition, ConditionType
from medvault_operator.api.v1alpha1.status import VaultStatus
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.capabilities.conditions import degraded
from medvault_operator.capabilities.conditions.judgement import Judgement
from medvault_operator.capabilities.conditions.paused import ACTIVE, PAUSED
from medvault_operator.capabilities.decision import Decision


def standing(vault: MedicalVault, now: datetime, decision: Decision) -> VaultStatus:
    """Say what holds for a vault; `last_transition_time` is kept where a status is unchanged.

    `observed_generation` is what it was: the reconciler raises it after a whole success.
    """
    judged = {
        **decision.conditions,
        ConditionType.DEGRADED: degraded.degraded(decision.findings),
        ConditionType.PAUSED: ACTIVE,
    }
    return VaultStatus(
        observed_generation=vault.status.observed_generation,
        conditions=_conditions(vault, now, judged),
        **decision.status,
    )


def paused(vault: MedicalVault, now: datetime) -> VaultStatus:
    """Say of a vault that is left alone what it said before, and that it is paused."""
    return _amended(vault, now, ConditionType.PAUSED, PAUSED)


def refused(vault: MedicalVault, now: datetime, problems: tuple[str, ...]) -> VaultStatus:
    """Say of a vault that could not be applied why; `problems` are fit to be read by a person."""
    return _amended(vault, now, ConditionType.DEGRADED, degraded.refused(problems))


def failed(vault: MedicalVault, now: datetime, error: str) -> VaultStatus:
    """Say of a vault that the operator met an error with it that nobody foresaw."""
    return _amended(vault, now, ConditionType.DEGRADED, degraded.failed(error))


def _amended(
    vault: MedicalVault, now: datetime, kind: ConditionType, judgement: Judgement
) -> VaultStatus:
    known = {
        one.type: Judgement(one.status, one.reason, one.message) for one in vault.status.conditions
    }
    conditions = _conditions(vault, now, {**known, kind: judgement})
    return vault.status.model_copy(update={"conditions": conditions})


def _conditions(
    vault: MedicalVault, now: datetime, judged: dict[ConditionType, Judgement]
) -> list[Condition]:
    before = {one.type: one for one in vault.status.conditions}
    return [
        _condition(vault, now, kind, judged[kind], before.get(kind))
        for kind in ConditionType
        if kind in judged
    ]


def _condition(
    vault: MedicalVault,
    now: datetime,
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
        last_transition_time=kept or now,
        observed_generation=vault.metadata.generation,
    )
