"""A reception without servers: its inbox and its spillway say what a test wants them to say."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, MutableMapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

from medvault.adapters.crypto.blind_index import KeyedIndex
from medvault.adapters.crypto.intake import IntakeSealer
from medvault.adapters.crypto.intake_key import IntakeKey
from medvault.adapters.crypto.keyring import KeyRing
from medvault.adapters.whatsapp.signature import Signatures
from medvault.adapters.whatsapp.webhooks import WebhookReader
from medvault.api.app import create_app
from medvault.application.intake import Intake, Splitter
from medvault.bootstrap.api import Reception
from medvault.domain.errors import Unavailable
from medvault.domain.updates import SealedUpdate
from medvault.observability.health import Readiness
from medvault.ports import Check, Queue

SECRET = b"the secret of the test"
Answer = tuple[int, dict[bytes, bytes], bytes]


class Places:
    """Inbox, spillway and waker that remember; each can be told to refuse."""

    def __init__(self) -> None:
        self.inbox: list[SealedUpdate] = []
        self.spilled: list[bytes] = []
        self.woken: list[UUID] = []
        self.inbox_refuses = False
        self.inbox_is_slow = False
        self.spillway_refuses = False

    async def add(self, updates: Sequence[SealedUpdate], patience: float = 0) -> None:
        if self.inbox_refuses or (self.inbox_is_slow and not patience):
            raise Unavailable("database")
        self.inbox += updates

    async def spill(self, sealed: bytes) -> None:
        if self.spillway_refuses:
            raise Unavailable("broker")
        self.spilled.append(sealed)

    def wake(self, queue: Queue, ids: Sequence[UUID]) -> None:
        assert queue is Queue.INBOUND
        self.woken += ids


class Front:
    """The API in front of `Places`, asked without a socket."""

    def __init__(
        self, secrets: Sequence[bytes] = (SECRET,), reader: WebhookReader | None = None
    ) -> None:
        self.places = Places()
        sealer = IntakeSealer(IntakeKey.of(KeyRing.generate()))
        key = base64.b64encode(b"i" * 32).decode()
        splitter = Splitter(reader or WebhookReader(), sealer, KeyedIndex.parse(key))
        self.reception = Reception(
            Signatures(secrets),
            "verify me",
            Intake(splitter, sealer, self.places, self.places, self.places),
            Readiness({"database": lambda: None}),
            _open,
        )
        self.app = create_app(self.reception)

    def readiness_over(self, checks: dict[str, Check]) -> None:
        """Ask other dependencies whether it is ready."""
        self.reception = replace(self.reception, readiness=Readiness(checks))
        self.app = create_app(self.reception)

    async def post(
        self, chunks: Sequence[bytes], signature: str | None, path: str = "/webhook/whatsapp"
    ) -> Answer:
        headers = [(b"x-hub-signature-256", signature.encode())] if signature else []
        return await self.ask("POST", path, headers, chunks)

    async def get(self, path: str, query: str = "") -> Answer:
        return await self.ask("GET", path, [], [b""], query)

    async def ask(
        self,
        method: str,
        path: str,
        headers: list[tuple[bytes, bytes]],
        chunks: Sequence[bytes],
        query: str = "",
    ) -> Answer:
        waiting = [
            {"type": "http.request", "body": chunk, "more_body": number < len(chunks)}
            for number, chunk in enumerate(chunks, start=1)
        ]
        said: list[MutableMapping[str, Any]] = []

        async def receive() -> MutableMapping[str, Any]:
            return waiting.pop(0)

        async def send(message: MutableMapping[str, Any]) -> None:
            said.append(message)

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "scheme": "http",
            "query_string": query.encode(),
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        await self.app(scope, receive, send)
        body = b"".join(message.get("body", b"") for message in said[1:])
        return said[0]["status"], dict(said[0]["headers"]), body


def signed(body: bytes, secret: bytes = SECRET) -> str:
    """The header that Meta sends with a body."""
    return "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()


def webhook_body(text: str = "hello", wamid: str = "wamid.TEST1") -> bytes:
    """A webhook with one text of a user without a phone number."""
    message = {
        "from_user_id": "IN.1234567890",
        "id": wamid,
        "timestamp": "1790000000",
        "type": "text",
        "text": {"body": text},
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "1", "phone_number_id": "2"},
        "contacts": [{"profile": {"name": "A"}, "user_id": "IN.1234567890"}],
        "messages": [message],
    }
    change = {"field": "messages", "value": value}
    entry = {"id": "3", "changes": [change]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


@asynccontextmanager
async def _open() -> AsyncIterator[None]:
    yield
