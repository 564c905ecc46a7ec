"""Runs the simulator: in the current loop, or in a thread with a loop of its own."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import uvicorn
import uvloop
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from medvault.simulator.app import SimulatorApp, create_app
from medvault.simulator.options import SimulatorOptions

_START_SECONDS = 30.0
_STOP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Running:
    """A simulator that answers at `url`; `app` belongs to its loop, not to other threads."""

    url: str
    port: int
    app: SimulatorApp


class _Protocol(HttpToolsProtocol):
    """Lets the application cut a connection, which ASGI has no word for."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {"simulator.abort": {"abort": self.transport.abort}}


class _Server(uvicorn.Server):
    """Stopped by cancelling `serve`; signals are left to whoever owns the process."""

    def __init__(
        self, config: uvicorn.Config, app: SimulatorApp, ready: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._app = app
        self._ready = ready

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.close_streams()
        await super().shutdown(sockets)


async def serve(options: SimulatorOptions, ready: Callable[[Running], None] | None = None) -> None:
    """Serve until cancelled; `ready` is called once it answers.

    Raises:
        OSError: the address can't be bound.
        UnreadableJournal: the journal doesn't open with its key.
    """
    listener = socket.create_server((options.host, options.port), backlog=2048)
    with listener:
        app = create_app(options)
        async with app.running():
            await _answer(app, listener, options.host, ready)


async def _answer(
    app: SimulatorApp, listener: socket.socket, host: str, ready: Callable[[Running], None] | None
) -> None:
    port = listener.getsockname()[1]
    running = Running(f"http://{host}:{port}", port, app)
    config = uvicorn.Config(
        app,
        http=_Protocol,
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=5,
    )
    server = _Server(config, app, lambda: ready(running) if ready else None)
    task = asyncio.ensure_future(server.serve([listener]))
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        server.should_exit = True
        await task
        raise


@contextlib.contextmanager
def in_thread(options: SimulatorOptions) -> Iterator[Running]:
    """A running simulator in a thread of its own; stopped and awaited on leaving."""
    started = threading.Event()
    answers: list[Running] = []
    failures: list[BaseException] = []
    stop: list[Callable[[], object]] = []

    def ready(running: Running) -> None:
        answers.append(running)
        started.set()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        task = loop.create_task(serve(options, ready))
        stop.append(lambda: loop.call_soon_threadsafe(task.cancel))
        with contextlib.suppress(asyncio.CancelledError):
            await task

    def run() -> None:
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(main())
        except BaseException as failure:  # noqa: BLE001 (handed to the caller)
            failures.append(failure)
        finally:
            started.set()

    thread = threading.Thread(target=run, name="simulator", daemon=True)
    thread.start()
    started.wait(_START_SECONDS)
    if not answers:
        message = "the simulator did not start"
        raise RuntimeError(message) from (failures[0] if failures else None)
    try:
        yield answers[0]
    finally:
        stop[0]()
        thread.join(_STOP_SECONDS)
        if thread.is_alive() or failures:
            message = "the simulator did not stop cleanly"
            raise RuntimeError(message) from (failures[0] if failures else None)
