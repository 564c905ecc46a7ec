"""All patients' phones over one connection: a phone that was written to is told, and looks."""

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import aiohttp

Message = Mapping[str, Any]
AGAIN = 0.3
LOOK_ANYWAY = 20.0
"""Seconds before a failed call is repeated, and after which a phone is looked at unasked."""


class Unreachable(Exception):
    """The simulator did not answer: it may have done what it was asked, or not."""


class Refused(Exception):
    """The simulator answered that it can't; the text holds its status."""


class Switchboard:
    """The simulator's control API at `url`, for any number of phones at once."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._phones: dict[str, Phone] = {}
        self._session: aiohttp.ClientSession | None = None
        self._following: asyncio.Task[None] | None = None
        self._faults: dict[str, object] = {}

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=64), timeout=aiohttp.ClientTimeout(total=30)
        )
        self._following = asyncio.create_task(self._follow())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._following is not None:
            self._following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._following
        if self._session is not None:
            await self._session.close()

    async def misbehave(self, faults: dict[str, object]) -> None:
        """Set the simulator's faults, and again whenever it was started anew."""
        self._faults = faults
        await self.reach("POST", "/faults", json=faults)

    async def phone(self, name: str, number: str | None = None) -> "Phone":
        """A new person's phone; without a number they hide it."""
        new = {"name": name, "phone": number}
        user = json.loads(await self.reach("POST", "/users", json=new))
        phone = self._phones[user["id"]] = Phone(self, user["id"])
        return phone

    async def call(self, method: str, path: str, **what: Any) -> bytes:
        """One call of the control API; its body, or `Unreachable`, or `Refused`."""
        try:
            async with self._http.request(method, f"{self._url}/sim{path}", **what) as answer:
                body = await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unreachable from error
        if answer.status >= 300:
            raise Refused(f"{answer.status} to {method}")
        return body

    async def reach(self, method: str, path: str, **what: Any) -> bytes:
        """A call that does no harm when repeated, until it is answered."""
        while True:
            try:
                return await self.call(method, path, **what)
            except Unreachable:
                await asyncio.sleep(AGAIN)

    async def _follow(self) -> None:
        """Ring the phones whose chats change; after a gap all of them."""
        while True:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
                patient = aiohttp.ClientTimeout(total=None, sock_read=40)
                async with self._http.get(f"{self._url}/sim/events", timeout=patient) as stream:
                    await self.reach("POST", "/faults", json=self._faults)
                    self._ring(self._phones)
                    async for line in stream.content:
                        if line.startswith(b"data: "):
                            self._ring(json.loads(line.removeprefix(b"data: ")))
            await asyncio.sleep(AGAIN)

    def _ring(self, ids: "list[str] | dict[str, Phone]") -> None:
        for id in ids:
            if phone := self._phones.get(id):
                phone.rang.set()

    @property
    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            message = "the switchboard is used outside of its block"
            raise RuntimeError(message)
        return self._session


class Phone:
    """One person, who does one thing after the other; every answer is heard once, in order."""

    def __init__(self, board: Switchboard, id: str) -> None:
        self.rang = asyncio.Event()
        self.id = id
        self._board = board
        self._messages = f"/users/{id}/messages"
        self._newest = ""
        self._sent: set[str] = set()
        self._answers: deque[Message] = deque()

    async def say(self, text: str) -> None:
        """Type."""
        await self._send(lambda: {"json": {"text": text}})

    async def tap(self, id: str) -> None:
        """Tap what has this id; `Refused` if nothing on the phone has."""
        await self._send(lambda: {"json": {"tap": id}})

    async def send_file(self, data: bytes, name: str, mime: str, *, document: bool) -> None:
        """Send a document, which keeps its name, or a photo."""

        def form() -> dict[str, Any]:
            fields = aiohttp.FormData()
            fields.add_field("as_document", "true" if document else "false")
            fields.add_field("file", data, filename=name, content_type=mime)
            return {"data": fields}

        await self._send(form)

    async def answer(self, seconds: float) -> Message:
        """The next answer; `TimeoutError` if none comes within these seconds."""
        async with asyncio.timeout(seconds):
            while not self._answers:
                self.rang.clear()
                await self._look()
                if not self._answers:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self.rang.wait(), LOOK_ANYWAY)
        return self._answers.popleft()

    async def unheard(self) -> list[Message]:
        """All answers that nobody waited for."""
        await self._look()
        found, self._answers = list(self._answers), deque()
        return found

    async def open(self, message: Message) -> bytes:
        """The file that a message brought."""
        return await self._board.reach("GET", f"/media/{message['media_id']}")

    async def _send(self, what: "Any") -> None:
        """Send once: where the simulator died over it, its chat tells whether it was sent."""
        while True:
            try:
                created = json.loads(await self._board.call("POST", self._messages, **what()))
            except Unreachable:
                await asyncio.sleep(AGAIN)
                if await self._look():
                    return
                continue
            self._sent.add(created["wamid"])
            return

    async def _look(self) -> bool:
        """Take in what is new; whether something is on the phone that we didn't know we sent."""
        path = f"{self._messages}?after={self._newest}"
        strange = False
        for message in json.loads(await self._board.reach("GET", path)):
            self._newest = message["wamid"]
            if message["direction"] == "outbound":
                self._answers.append(message)
            elif message["wamid"] not in self._sent:
                self._sent.add(message["wamid"])
                strange = True
        return strange
