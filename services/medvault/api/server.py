"""Runs the API on uvicorn."""

import signal
import sys

import uvicorn

from medvault.api.app import create_app
from medvault.bootstrap import Reception

KEEP_ALIVE = 75
"""Seconds; longer than load balancers keep idle connections, which would else be reset."""


def server(reception: Reception, host: str, port: int) -> uvicorn.Server:
    """Make a server; on SIGTERM it answers what it has taken, then ends."""
    return uvicorn.Server(
        uvicorn.Config(
            create_app(reception),
            host=host,
            port=port,
            loop="uvloop",
            http="httptools",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=10,
            backlog=4096,
        )
    )


def run(server: uvicorn.Server) -> None:
    """Serve in the main thread until SIGTERM or SIGINT; both end the process with code 0."""
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn raises the signal once more, for this handler, when it has shut down.
        signal.signal(number, lambda *_: sys.exit(0))
    server.run()
