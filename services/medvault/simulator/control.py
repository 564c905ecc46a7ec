"""The control API on users and the simulated account: `/sim/…`, described at /openapi.json."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Body, Depends, Query, Request
from fastapi.responses import Response, StreamingResponse

from medvault.simulator import inbound, statuses
from medvault.simulator.calls import AppChange, NewNumber, NewUser, UserChange
from medvault.simulator.faults import Faults
from medvault.simulator.handshake import verify
from medvault.simulator.limits import base_type
from medvault.simulator.media import Media
from medvault.simulator.problems import Problem
from medvault.simulator.simulation import Simulation
from medvault.simulator.users import User
from medvault.simulator.views import LedgerView, UserView, Verification

router = APIRouter(prefix="/sim")
_VIEWABLE = frozenset({"application/pdf", "image/jpeg", "image/png", "image/webp", "text/plain"})


def world_of(request: Request) -> Simulation:
    """The simulation this app serves."""
    world: Simulation = request.app.state.world
    return world


World = Annotated[Simulation, Depends(world_of)]


def user_at(user_id: str, world: World) -> User:
    """The user in the path; 404 otherwise."""
    user = world.users.get(user_id)
    if user is None:
        raise Problem(404, "No user has this id: POST /sim/users makes one, GET lists them.")
    return user


def media_at(media_id: str, world: World) -> Media:
    """The media in the path; 404 otherwise."""
    media = world.media.get(media_id)
    if media is None:
        raise Problem(404, "No media has this id, or the business deleted it.")
    return media


KnownUser = Annotated[User, Depends(user_at)]
KnownMedia = Annotated[Media, Depends(media_at)]


def view(user: User, world: Simulation) -> dict[str, Any]:
    """The user as answered."""
    return {**user.shown(), "typing": user.chat.typing_until > world.clock()}


@router.post("/users", status_code=201, response_model=UserView)
async def create_user(new: NewUser, world: World) -> dict[str, Any]:
    """Add a phone; a number somebody has is taken from them, as with a recycled SIM."""
    username = new.username
    if new.phone is None and username is None:
        username = "@" + "".join(new.name.lower().split())
    user = world.users.add(new.name, new.phone, username)
    world.keep_user(user)
    return view(user, world)


@router.get("/users", response_model=list[UserView])
async def list_users(world: World) -> list[dict[str, Any]]:
    """Every user, oldest first."""
    return [view(user, world) for user in world.users]


@router.get("/users/{user_id}", response_model=UserView)
async def get_user(user: KnownUser, world: World) -> dict[str, Any]:
    """One user, and whether the business is typing to them."""
    return view(user, world)


@router.patch("/users/{user_id}", response_model=UserView)
async def change_user(change: UserChange, user: KnownUser, world: World) -> dict[str, Any]:
    """Open, close or switch off the phone; let the 24-hour window lapse or open it."""
    if change.presence is not None:
        statuses.change_presence(world, user, change.presence)
    if change.window_open is not None:
        user.last_inbound = world.clock() if change.window_open else 0.0
        world.keep_user(user)
    return view(user, world)


@router.post("/users/{user_id}/number", response_model=UserView)
async def change_number(new: NewNumber, user: KnownUser, world: World) -> dict[str, Any]:
    """Give the user another number: new user id, and a `system` webhook."""
    inbound.change_number(world, user, new.phone)
    return view(user, world)


@router.post("/users/{user_id}/identity", response_model=UserView)
async def change_identity(user: KnownUser, world: World) -> dict[str, Any]:
    """Renew the user's identity key, as a new installation does."""
    inbound.change_identity(world, user)
    return view(user, world)


@router.get("/media/{media_id}", response_class=StreamingResponse)
async def get_media(media: KnownMedia, world: World) -> Response:
    """The bytes as they lie on the phone, expired at Meta or not."""
    shown = "inline" if base_type(media.mime_type) in _VIEWABLE else "attachment"
    headers = {
        "Content-Length": str(media.file_size),
        "Content-Disposition": shown,
        "X-Content-Type-Options": "nosniff",
    }
    chunks = world.media.read(media)
    return StreamingResponse(chunks, headers=headers, media_type=media.mime_type)


@router.post("/media/{media_id}/expire", status_code=204)
async def expire_media(media: KnownMedia, world: World) -> None:
    """Let Meta forget the media id now."""
    world.media.expire(media)
    world.keep_media(media)


@router.get("/ledger", responses={200: {"model": LedgerView}})
async def get_ledger(world: World, since: Annotated[int, Query(ge=0)] = 0) -> Response:
    """Webhooks with their answers and accepted sends that changed after `since`."""
    shown = {**world.ledger.shown(since), "idle": world.dispatcher.idle}
    return Response(orjson.dumps(shown), media_type="application/json")


@router.post("/faults")
async def set_faults(faults: Annotated[Faults, Body()], world: World) -> Faults:
    """Misbehave from now on; replaces what was set before."""
    world.dice.set(faults)
    world.dispatcher.calm()
    return faults


@router.delete("/faults", status_code=204)
async def clear_faults(world: World) -> None:
    """Behave again, and deliver what was held back."""
    world.dice.set(Faults())
    world.dispatcher.calm()


@router.patch("/app", status_code=204)
async def change_app(change: AppChange, world: World) -> None:
    """Edit the app's settings at Meta: webhook address, secrets, tokens."""
    for name, value in change.model_dump(exclude_none=True).items():
        setattr(world.account, name, frozenset(value) if name == "access_tokens" else value)


@router.post("/app/verify", response_model=Verification)
async def verify_webhook(world: World) -> Verification:
    """Do Meta's handshake (GET with hub.challenge) with the webhook address."""
    verified, status = await verify(world.account)
    return Verification(verified=verified, status=status)
