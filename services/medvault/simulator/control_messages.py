"""The control API on chats: messages sent, messages shown, samples, live changes."""

import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from pydantic import ValidationError

from medvault.simulator import inbound, limits
from medvault.simulator.calls import BulkText, PhoneMessage
from medvault.simulator.control import KnownUser, World
from medvault.simulator.forms import BrokenForm, FormFile, read_form
from medvault.simulator.limits import base_type
from medvault.simulator.problems import Problem
from medvault.simulator.samples import SAMPLES, sample
from medvault.simulator.shapes import NAMES
from medvault.simulator.simulation import Simulation
from medvault.simulator.users import User
from medvault.simulator.views import Created, CreatedMany, MessageView

HEARTBEAT_SECONDS = 15.0
router = APIRouter(prefix="/sim")

_FILE = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "caption": {"type": "string"},
        "as_document": {"type": "string", "enum": ["true", "false"]},
    },
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": PhoneMessage.model_json_schema()},
            "multipart/form-data": {"schema": _FILE},
        },
    }
}


@router.get("/users/{user_id}/messages", response_model=list[MessageView])
async def list_messages(user: KnownUser, after: str = "") -> list[dict[str, Any]]:
    """The chat in order, both directions; `after` a message's wamid only what came later."""
    return [message.shown() for message in user.chat.after(after)]


@router.post(
    "/users/{user_id}/messages", status_code=201, response_model=Created, openapi_extra=_BODY
)
async def send_message(user: KnownUser, request: Request, world: World) -> Created:
    """The user sends a text, taps, sends a file (multipart), a sample or a raw element."""
    if user.replaced:
        raise Problem(409, "This number went to another user: write from that one.")
    kind = base_type(request.headers.get("content-type", ""))
    if kind.startswith("multipart/"):
        return Created(wamid=await _send_form(world, user, request))
    if kind != "application/json":
        raise Problem(415, "Send application/json, or multipart/form-data with a file.")
    try:
        body = PhoneMessage.model_validate_json(await request.body())
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from None
    return Created(wamid=_send(world, user, body))


@router.post("/messages", status_code=201, response_model=CreatedMany)
async def send_many(texts: list[BulkText], world: World) -> CreatedMany:
    """Texts of many users in one call, to drive load."""
    users = [world.users.get(item.user) for item in texts]
    if not all(users):
        raise Problem(404, "One of the users does not exist: no text was sent.")
    pairs = zip(users, texts, strict=True)
    return CreatedMany(wamids=[inbound.send_text(world, u, t.text) for u, t in pairs if u])


@router.get("/samples")
async def list_samples() -> list[dict[str, str]]:
    """The sample reports a user can send by name."""
    return [{"name": name, "title": item.title} for name, item in SAMPLES.items()]


@router.get("/shapes")
async def list_shapes() -> list[str]:
    """The shapes of a message that a user can send by name."""
    return list(NAMES)


@router.get("/events", response_class=StreamingResponse)
async def follow(world: World) -> StreamingResponse:
    """Server-sent events: the ids of users whose chat changed."""
    return StreamingResponse(_events(world), media_type="text/event-stream")


async def _events(world: Simulation) -> AsyncIterator[str]:
    async for changed in world.feed.follow(HEARTBEAT_SECONDS):
        yield f"data: {json.dumps(changed)}\n\n"


async def _send_form(world: Simulation, user: User, request: Request) -> str:
    content_type = request.headers["content-type"]
    try:
        form = await read_form(
            content_type, request.stream(), lambda _: world.media.create(limits.INBOUND_FILE)
        )
    except BrokenForm as error:
        raise Problem(400, f"Send multipart/form-data with a part named file: {error}.") from None
    if form.file is None:
        raise Problem(400, "The form has no file: give it a part named file with a file name.")
    as_document = form.fields.get("as_document") == "true"
    caption = form.fields.get("caption", "")
    return inbound.send_file(world, user, form.file, caption, as_document=as_document)


def _send(world: Simulation, user: User, body: PhoneMessage) -> str:
    if body.text is not None:
        return inbound.send_text(world, user, body.text)
    if body.raw is not None:
        return inbound.send_raw(world, user, body.raw)
    if body.sample is not None:
        return _send_sample(world, user, body.sample)
    if body.shape is not None:
        if body.shape not in NAMES:
            raise Problem(404, f"There is no such shape, only: {', '.join(NAMES)}.")
        return inbound.send_shape(world, user, body.shape, body.wamid)
    try:
        return inbound.tap(world, user, body.tap or "", body.wamid)
    except inbound.NotOnOffer as error:
        choices = ", ".join(error.choices[:20]) or "none"
        raise Problem(409, f"No message offers this button or row. On offer: {choices}.") from None


def _send_sample(world: Simulation, user: User, name: str) -> str:
    if name not in SAMPLES:
        raise Problem(404, f"There is no such sample, only: {', '.join(SAMPLES)}.")
    item = sample(name)
    written = world.media.create(limits.INBOUND_FILE)
    written.write(item.data)
    written.close()
    file = FormFile(item.filename, item.mime_type, written)
    return inbound.send_file(world, user, file, "", as_document=False)
