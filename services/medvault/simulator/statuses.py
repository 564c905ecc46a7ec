"""The life of a sent message as webhooks tell it."""

from medvault.simulator import errors
from medvault.simulator.chats import ChatMessage
from medvault.simulator.simulation import Simulation
from medvault.simulator.users import Presence, User
from medvault.simulator.webhooks import StatusUpdate

_REACHED: dict[Presence, tuple[str, ...]] = {
    "open": ("sent", "delivered", "read"),
    "closed": ("sent", "delivered"),
    "offline": ("sent",),
}


def emit_reached(world: Simulation, user: User, message: ChatMessage) -> None:
    """Every status a new message reaches at once, given the user's phone."""
    code = world.dice.failure()
    if code is not None:
        message.status = "failed"
        world.submit([_failed(world, user, message, code)])
        return
    reached = _REACHED[user.presence]
    message.status = reached[-1]
    world.submit([_status(world, user, message, name) for name in reached])


def emit_stranger(world: Simulation, wamid: str, wa_id: str, opaque: str | None) -> None:
    """Every status that a message to a number outside this world reaches."""
    now = int(world.clock())
    world.submit(
        [
            StatusUpdate(wamid, name, now, wa_id, None, None, opaque)
            for name in ("sent", "delivered")
        ]
    )


def change_presence(world: Simulation, user: User, presence: Presence) -> None:
    """Open, close or switch off the phone; messages that waited for it move up the ladder."""
    user.presence = presence
    updates = []
    for message in user.chat:
        if message.direction != "outbound" or message.status == "failed":
            continue
        for name in _REACHED[presence]:
            if message.climb(name):
                updates.append(_status(world, user, message, name))
                world.show(user, message)
    world.keep_user(user)
    world.submit(updates)


def mark_read(world: Simulation, user: User, upto: ChatMessage) -> None:
    """The business read this message, and with it every earlier one."""
    reached = False
    for message in user.chat.newest_first():
        reached = reached or message is upto
        if not reached or message.direction == "outbound":
            continue
        if not message.climb("read"):
            return
        world.show(user, message)


def _status(world: Simulation, user: User, message: ChatMessage, name: str) -> StatusUpdate:
    return StatusUpdate(
        wamid=message.wamid,
        status=name,
        timestamp=int(world.clock()),
        recipient_id=user.wa_id,
        recipient_user_id=user.user_id,
        identity_hash=user.identity_hash if world.account.identity_check else None,
        opaque=message.opaque,
    )


def _failed(world: Simulation, user: User, message: ChatMessage, code: int) -> StatusUpdate:
    status = _status(world, user, message, "failed")
    status.error = {
        "code": code,
        "title": errors.title(code),
        "message": errors.title(code),
        "error_data": {"details": "Refused by a fault of the simulator."},
    }
    return status
