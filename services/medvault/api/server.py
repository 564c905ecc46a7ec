"""Runs the API on uvicorn."""

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
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=10,
            backlog=4096,
        )
    )
