"""The ASGI application: Meta's paths on the plain handler, everything else on FastAPI."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from medvault.simulator import chat_page, control, control_messages, problems
from medvault.simulator.graph import Graph, is_graph_path
from medvault.simulator.guard import Guard
from medvault.simulator.options import SimulatorOptions
from medvault.simulator.simulation import Simulation


class SimulatorApp:
    """The simulator as an ASGI application; its lifespan delivers the webhooks."""

    def __init__(self, options: SimulatorOptions, clock: Callable[[], float]) -> None:
        self.world = Simulation(options, clock)
        self._graph = Graph(self.world)
        public = urlsplit(options.public_url or "").hostname
        self._control = Guard(control_app(self.world), (options.host, public))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or run the lifespan."""
        if scope["type"] == "http" and is_graph_path(scope["path"]):
            await self._graph(scope, receive, send)
        else:
            await self._control(scope, receive, send)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The lifespan: remember the journal, deliver webhooks; release everything at the end."""
        async with _running(self.world):
            yield

    def close_streams(self) -> None:
        """End the event streams and the answers held open, so that the server can stop."""
        self.world.feed.close()
        self._graph.close()


def create_app(options: SimulatorOptions, clock: Callable[[], float] = time.time) -> SimulatorApp:
    """The simulator of one business number; `clock` gives Unix seconds."""
    return SimulatorApp(options, clock)


@asynccontextmanager
async def _running(world: Simulation) -> AsyncIterator[None]:
    try:
        await world.start()
        yield
    finally:
        await world.stop()


def control_app(world: Simulation) -> FastAPI:
    """The control API and the chat page, unguarded."""
    app = FastAPI(
        title="WhatsApp Cloud API simulator: control API",
        version="1",
        docs_url=None,
        redoc_url=None,
        lifespan=lambda _app: _running(world),
    )
    app.state.world = world
    problems.install(app)
    app.include_router(control.router)
    app.include_router(control_messages.router)
    app.include_router(chat_page.router)

    @app.get("/health")
    async def health() -> dict[str, str]:
        """Whether it answers."""
        return {"status": "ok"}

    return app
