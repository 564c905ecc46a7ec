"""The Graph API's endpoints as a plain ASGI handler: one hot path, no framework."""

import asyncio
import re

import orjson
from starlette.types import Receive, Scope, Send

from medvault.simulator.asgi import BodyTooLarge, Disconnected, header, read_body, respond
from medvault.simulator.errors import GraphError, no_such_object
from medvault.simulator.faults import Unclear
from medvault.simulator.graph_media import GraphMedia
from medvault.simulator.sends import Sends
from medvault.simulator.simulation import Simulation

ATTACHMENTS = "/whatsapp_business/attachments/"
_VERSIONED = re.compile(r"/v(\d+)\.(\d+)/")
_SUCCESS = b'{"success":true}'


def is_graph_path(path: str) -> bool:
    """Whether a path is Meta's, not the simulator's own."""
    return _VERSIONED.match(path) is not None or path.startswith(ATTACHMENTS)


class Graph:
    """`/{version}/…` and the download addresses; every call needs a valid bearer token."""

    def __init__(self, world: Simulation) -> None:
        self._world = world
        self._sends = Sends(world)
        self._media = GraphMedia(world)
        self._newest = _version(f"/{world.options.api_version}/")
        self._closing = asyncio.Event()

    def close(self) -> None:
        """Let go of the calls that a fault holds open."""
        self._closing.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        try:
            self._authenticate(scope)
            await self._route(scope, receive, send)
        except GraphError as error:
            await respond(send, error.status, error.body())
        except BodyTooLarge:
            await respond(send, 413, GraphError(100, "The body is too large.").body())
        except Disconnected:
            return

    def _authenticate(self, scope: Scope) -> None:
        scheme, _, token = header(scope, b"authorization").partition(b" ")
        if scheme.lower() != b"bearer" or token.decode("latin-1") not in self._tokens:
            raise GraphError(190, "The access token is missing, expired or not this app's.")

    @property
    def _tokens(self) -> frozenset[str]:
        return self._world.account.access_tokens

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        if path.startswith(ATTACHMENTS):
            await self._media.download(path.removeprefix(ATTACHMENTS), send)
            return
        version, _, rest = path[1:].partition("/")
        if _version(path) > self._newest:
            raise GraphError(2500, f"Unknown path components: /{version}")
        node, _, edge = rest.rstrip("/").partition("/")
        account = self._world.account
        if method == "POST" and node == account.phone_number_id and edge == "messages":
            await self._messages(scope, receive, send)
        elif method == "POST" and node == account.phone_number_id and edge == "media":
            await self._media.upload(scope, receive, send)
        elif method == "POST" and node == account.phone_number_id and edge == "settings":
            await self._settings(receive, send)
        elif method == "POST" and node == account.waba_id and edge == "subscribed_apps":
            await respond(send, 200, _SUCCESS)
        elif method == "GET" and node == account.phone_number_id and not edge:
            await self._number(scope, receive, send)
        elif method == "GET" and not edge:
            await self._media.describe(scope, node, send)
        elif method == "DELETE" and not edge:
            await self._media.delete(scope, node, send)
        else:
            raise no_such_object(node)

    async def _messages(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw = await read_body(receive)
        if unclear := self._world.dice.unclear():
            kind, effect = unclear
            _, wamid = self._sends.handle(raw) if effect else (None, None)
            if wamid is not None:
                self._world.ledger.unanswered(wamid)
            await self._fail(kind, scope, receive, send)
            return
        answer, wamid = self._sends.handle(raw)
        lost = self._world.dice.dropped_answer() if wamid is not None else None
        if lost is None or wamid is None:
            await respond(send, 200, orjson.dumps(answer))
            return
        self._world.ledger.unanswered(wamid)
        await self._lose_answer(scope, receive, hold=lost == "hang")

    async def _fail(self, kind: Unclear, scope: Scope, receive: Receive, send: Send) -> None:
        if kind == "cut":
            await self._lose_answer(scope, receive, hold=False)
        elif kind == "server_error":
            await respond(send, 500, b"")
        else:
            raise GraphError(int(kind), "A fault of the simulator.")

    async def _lose_answer(self, scope: Scope, receive: Receive, *, hold: bool) -> None:
        abort = scope.get("extensions", {}).get("simulator.abort", {}).get("abort")
        gone = asyncio.ensure_future(_disconnect(receive))
        if hold or abort is None:
            closing = asyncio.ensure_future(self._closing.wait())
            await asyncio.wait({gone, closing}, return_when=asyncio.FIRST_COMPLETED)
            closing.cancel()
        if abort is not None:
            abort()
            await gone
        gone.cancel()

    async def _settings(self, receive: Receive, send: Send) -> None:
        try:
            body = orjson.loads(await read_body(receive))
            enabled = body["user_identity_change"]["enable_identity_key_check"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            raise GraphError(100, "user_identity_change is required.") from None
        self._world.account.identity_check = bool(enabled)
        await respond(send, 200, _SUCCESS)

    async def _number(self, scope: Scope, receive: Receive, send: Send) -> None:
        if unclear := self._world.dice.unclear():
            await self._fail(unclear[0], scope, receive, send)
            return
        if error := self._world.dice.error("number"):
            raise GraphError(error.code, "A fault of the simulator.")
        account = self._world.account
        fields = {
            "verified_name": "Simulated clinic",
            "display_phone_number": account.display_phone_number,
            "quality_rating": "GREEN",
            "id": account.phone_number_id,
        }
        await respond(send, 200, orjson.dumps(fields))


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _version(path: str) -> tuple[int, int]:
    match = _VERSIONED.match(path)
    return (int(match[1]), int(match[2])) if match else (0, 0)
