"""Whether the operator is on its way to what the spec says."""

from medvault_operator.capabilities.conditions.judgement import Judgement
from medvault_operator.capabilities.rollout import Rollout


def progressing(rollout: Rollout) -> Judgement:
    """Tell the stage of the roll-out."""
    return Judgement("False" if rollout.settled else "True", rollout.reason, rollout.message)
