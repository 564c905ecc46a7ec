"""Answers of the control API."""

from pydantic import BaseModel, ConfigDict

from medvault.simulator.users import Presence


class Created(BaseModel):
    """The id of a message a user sent."""

    wamid: str


class CreatedMany(BaseModel):
    """The ids of messages users sent, in order."""

    wamids: list[str]


class UserView(BaseModel):
    """A user. `id` is the control API's, `user_id` Meta's business-scoped one."""

    id: str
    user_id: str
    phone: str | None
    name: str
    username: str | None
    presence: Presence
    replaced: bool
    typing: bool


class MessageView(BaseModel):
    """A bubble. `inbound` is from the user to the business; `status` climbs like its ticks."""

    model_config = ConfigDict(extra="allow")
    direction: str
    wamid: str
    type: str
    status: str
    at: str


class Verification(BaseModel):
    """How the webhook answered Meta's handshake; `status` is null without an answer."""

    verified: bool
    status: int | None


class AttemptView(BaseModel):
    """One POST of a webhook; `status` is null without an answer. Times are seconds.

    `server_timing` is the answer's header of this name.
    """

    status: int | None
    at: float
    monotonic: float
    seconds: float
    server_timing: str | None


class WebhookView(BaseModel):
    """A webhook: wamids of its messages, `wamid|status|timestamp` of its statuses.

    `state` is waiting, answered (200) or given_up; `duplicate_of` the `id` it repeats by a fault.
    """

    seq: int
    id: int
    state: str
    duplicate_of: int | None
    messages: list[str]
    statuses: list[str]
    attempts: list[AttemptView]


class SendView(BaseModel):
    """An accepted send; `sha256` is the hex digest of the body as it came.

    `answered`: false if a fault ate or replaced the 200. `misdirected`: `to` had no `+`, so it
    went to `delivered_to`. That is null when the message reached nobody.
    """

    seq: int
    wamid: str
    recipient: str
    delivered_to: str | None
    type: str
    biz_opaque_callback_data: str | None
    media_ids: list[str]
    sha256: str
    at: float
    monotonic: float
    misdirected: bool
    answered: bool


class LedgerView(BaseModel):
    """The changes since the `seq` asked for; ask with this `seq` next.

    `idle`: no webhook is held back, waiting, under way or to be tried again.
    """

    seq: int
    idle: bool
    webhooks: list[WebhookView]
    sends: list[SendView]
