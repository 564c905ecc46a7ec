"""The rights of each process at the servers; a test holds them equal to the use its code makes."""

from dataclasses import dataclass

from medvault_operator.vault.components import SERVICES, Component

NOTHING = "^$"
_PUBLISH = r"^amq\.default$"
"""The default exchange, by which every message goes: its writers may write to any queue."""


@dataclass(frozen=True, slots=True)
class Queues:
    """A user's rights in RabbitMQ, as the regular expressions of its `set_permissions`."""

    configure: str
    write: str
    read: str


def _reader(queues: str) -> Queues:
    """Declare some queues and their dead letters', which takes the right to read them, and read."""
    mine = rf"^medvault\.{queues}(\.dead)?$"
    return Queues(mine, _PUBLISH, mine)


QUEUES = {
    Component.API: Queues(NOTHING, _PUBLISH, NOTHING),
    Component.INBOUND: _reader("(intake|inbound)"),
    Component.MEDIA: _reader("media"),
    Component.OUTBOUND: _reader("outbound"),
}
ROLES = {process: f"medvault_{process}" for process in SERVICES}
"""The role of PostgreSQL whose rights a process' login has; migrations make them."""

STORE = {Component.MEDIA: ("s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject")}
"""Actions on the bucket and on what is in it: a deleted or replaced object stays as a version."""
