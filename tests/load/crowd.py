"""Meta with a crowd: the simulator in a process of its own, with people who write at a given rate.

`GET /crowd?rate=500&seconds=20` has them write, and tells what each message took once all replies
are there.
"""

import argparse
import asyncio
import gc
import itertools
import os
import time
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qs

import orjson
import uvicorn
import uvloop
from starlette.types import Receive, Scope, Send

from medvault.settings import PREFIX
from medvault.simulator import inbound
from medvault.simulator.app import SimulatorApp, create_app
from medvault.simulator.asgi import respond
from medvault.simulator.options import SimulatorOptions
from medvault.simulator.users import User

WORDS = ("HELP", "LIST", "Where are my X-rays?")
LATE = 15.0
"""Seconds after the last message in which replies may still come."""

Sent = tuple[User, str, float]


class Crowd:
    """People who write in turn: so each has as much time between two messages as there can be."""

    def __init__(self, app: SimulatorApp, people: int) -> None:
        self._app = app
        self._world = app.world
        add = self._world.users.add
        users = [add(f"Patient {n:05d}", f"+9198{n:08d}", None) for n in range(people)]
        self._turns = itertools.cycle(users)
        self._words = itertools.cycle(WORDS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the crowd write; all else is the simulator's."""
        if scope["type"] != "http" or scope["path"] != "/crowd":
            await self._app(scope, receive, send)
            return
        asked = parse_qs(scope["query_string"].decode())
        found = await self.write(float(asked["rate"][0]), float(asked["seconds"][0]))
        await respond(send, 200, orjson.dumps(found))

    async def write(self, rate: float, seconds: float) -> list[Mapping[str, float | None]]:
        """Write, each message when it is due, however those before it fared."""
        since = self._seq
        sent: list[Sent] = []
        started = time.monotonic()
        for number in range(int(rate * seconds)):
            due = started + number / rate
            if (wait := due - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            user = next(self._turns)
            sent.append((user, inbound.send_text(self._world, user, next(self._words)), due))
        await self._replied(since, len(sent))
        return list(self._told(since, sent))

    @property
    def _seq(self) -> int:
        seq: int = self._world.ledger.shown(2**62)["seq"]
        return seq

    async def _replied(self, since: int, count: int) -> None:
        """Wait until as many replies were accepted and all statuses are delivered."""
        ledger, dispatcher = self._world.ledger, self._world.dispatcher
        deadline = time.monotonic() + LATE
        while time.monotonic() < deadline:
            await asyncio.sleep(0.5)
            if dispatcher.idle and len(ledger.shown(since)["sends"]) >= count:
                return

    def _told(self, since: int, sent: list[Sent]) -> Iterator[Mapping[str, float | None]]:
        """When each message was due, posted, answered 200, and its reply accepted."""
        ledger = self._world.ledger.shown(since)
        attempts = {
            wamid: webhook["attempts"]
            for webhook in ledger["webhooks"]
            for wamid in webhook["messages"]
        }
        replies: dict[str, deque[float]] = defaultdict(deque)
        for reply in ledger["sends"]:
            replies[reply["delivered_to"]].append(reply["monotonic"])
        for user, wamid, due in sent:
            answers = [a["monotonic"] + a["seconds"] for a in attempts[wamid] if a["status"] == 200]
            waiting = replies[user.phone or ""]
            yield {
                "due": due,
                "posted": attempts[wamid][0]["monotonic"],
                "answered": answers[0] if answers else None,
                "replied": waiting.popleft() if waiting else None,
            }


async def _serve(port: int, webhook_url: str, people: int) -> None:
    names = ("APP_SECRETS", "TOKEN", "VERIFY_TOKEN", "PHONE_NUMBER_ID")
    setting = {name: os.environ[f"{PREFIX}WHATSAPP_{name}"] for name in names}
    options = SimulatorOptions(
        webhook_url=webhook_url,
        app_secret=setting["APP_SECRETS"],
        access_tokens=(setting["TOKEN"],),
        verify_token=setting["VERIFY_TOKEN"],
        phone_number_id=setting["PHONE_NUMBER_ID"],
        messages_per_second=0,
        webhook_concurrency=128,
        chat_limit=20,
    )
    app = create_app(options)
    async with app.running():
        crowd = Crowd(app, people)
        gc.freeze()
        config = uvicorn.Config(
            crowd,
            port=port,
            lifespan="off",
            log_level="warning",
            access_log=False,
            timeout_keep_alive=75,
            backlog=2048,
        )
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--webhook", required=True)
    parser.add_argument("--people", type=int, required=True)
    given = parser.parse_args()
    uvloop.run(_serve(given.port, given.webhook, given.people))
