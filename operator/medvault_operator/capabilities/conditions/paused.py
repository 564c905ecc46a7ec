"""Whether an administrator asked the operator to leave a vault alone."""

from medvault_operator.api.conditions import Reason
from medvault_operator.capabilities.conditions.judgement import Judgement

ACTIVE = Judgement("False", Reason.ACTIVE, "The operator keeps the vault as the spec says.")
PAUSED = Judgement(
    "True",
    Reason.REQUESTED,
    "The operator leaves the vault as it is. Set spec.paused to false to go on.",
)
