"""Facts that pods tell of a vault."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Trouble:
    """A pod that can't go on.

    `reason` is the kubelet's or the scheduler's word (ImagePullBackOff, CrashLoopBackOff,
    Unschedulable, ...); `message` is what they say, or what the container left in its
    termination message.
    """

    component: str
    pod: str
    reason: str
    message: str = ""


class IdentityCheck(StrEnum):
    """Whether Meta tells the keys of identities, in the words of inbound's `/ready`.

    `UNTOLD` is none of those words: no pod is ready, or the one that was asked did not answer so.
    """

    ON = "on"
    OFF = "off"
    NOT_SEEN = "not known yet"
    UNTOLD = "untold"
