"""Conditions of a vault, each with a reason and what to do next."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, PlainSerializer

from medvault_operator.api.v1alpha1.shape import Shape

Status = Literal["True", "False", "Unknown"]
Moment = Annotated[
    datetime,
    PlainSerializer(lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ"), return_type=str),
]
"""UTC, to the second, as the API server writes it."""


class ConditionType(StrEnum):
    """The subject of a condition."""

    AVAILABLE = "Available"
    PROGRESSING = "Progressing"
    DEGRADED = "Degraded"
    PAUSED = "Paused"
    HIGHLY_AVAILABLE = "HighlyAvailable"
    SCALING_ACTIVE = "ScalingActive"
    LEAST_PRIVILEGE = "LeastPrivilege"
    IDENTITY_CHECK = "IdentityCheck"


class Reason(StrEnum):
    """Why a condition is as it is; the closed set of words that alerts may rely on."""

    READY = "Ready"
    NOT_READY = "NotReady"
    NOT_DEPLOYED = "NotDeployed"
    SETTLED = "Settled"
    STARTING_DEPENDENCIES = "StartingDependencies"
    MIGRATING = "Migrating"
    ROLLING_OUT = "RollingOut"
    CONTRACTING = "Contracting"
    AS_EXPECTED = "AsExpected"
    SECRET_MISSING = "SecretMissing"  # noqa: S105
    SECRET_KEY_MISSING = "SecretKeyMissing"  # noqa: S105
    NO_STORAGE_CLASS = "NoStorageClass"
    SECRET_LOST = "SecretLost"  # noqa: S105
    KIND_MISSING = "KindMissing"
    IMAGE_PULL_FAILED = "ImagePullFailed"
    MIGRATION_FAILED = "MigrationFailed"
    CRASHING = "Crashing"
    UNSCHEDULABLE = "Unschedulable"
    REFUSED = "Refused"
    OPERATOR_FAILED = "OperatorFailed"
    ACTIVE = "Active"
    REQUESTED = "Requested"
    REDUNDANT = "Redundant"
    SINGLE_INSTANCE = "SingleInstance"
    SINGLE_REPLICA = "SingleReplica"
    SINGLE_ZONE = "SingleZone"
    SCALING = "Scaling"
    AT_MAXIMUM = "AtMaximum"
    NOT_TO_ZERO = "NotToZero"
    FIXED = "Fixed"
    NO_METRICS = "NoMetrics"
    METRICS_OF_ANOTHER = "MetricsOfAnother"
    METRICS_LOST = "MetricsLost"
    STARTING = "Starting"
    DIVIDED = "Divided"
    ONE_LOGIN = "OneLogin"
    RING_IN_API = "RingInApi"
    OLDER_IMAGE = "OlderImage"
    ON = "On"
    OFF = "Off"
    NOT_SEEN = "NotSeen"
    NO_ANSWER = "NoAnswer"


class Condition(Shape):
    """One condition, as Kubernetes' own objects have them."""

    type: ConditionType = Field(description="What it is about.")
    status: Status = Field(description="True, False or Unknown.")
    reason: Reason = Field(description="Why, in a word.")
    message: str = Field(max_length=32768, description="Why, in a sentence, and what to do next.")
    last_transition_time: Moment = Field(description="When its status changed last.")
    observed_generation: int | None = Field(
        default=None, description="Generation of the spec that it is about."
    )
