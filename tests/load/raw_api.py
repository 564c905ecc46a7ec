"""The reference of the pipeline's front: a FastAPI route that publishes with a confirm.

It checks, splits and seals as medvault does, as one would write it: `@app.post`, aio-pika.
"""

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aio_pika
import uvicorn
from fastapi import FastAPI, Request, Response

from load.queues import QUORUM, RAW
from load.traffic import PATH
from medvault.adapters.whatsapp.signature import Signatures
from medvault.bootstrap.foundation import Foundation, secret
from medvault.settings import load


def application() -> FastAPI:
    """Build the app; it reads the settings of `medvault api`."""
    settings = load("api")
    base = Foundation(settings)
    signatures = Signatures([secret(settings.whatsapp_app_secrets).encode()])
    broker: dict[str, Any] = {}

    @asynccontextmanager
    async def connected(_: FastAPI) -> AsyncIterator[None]:
        async with await aio_pika.connect_robust(secret(settings.broker_url)) as connection:
            channel = await connection.channel()
            await channel.declare_queue(RAW, durable=True, arguments=QUORUM)
            broker["exchange"] = channel.default_exchange
            yield

    app = FastAPI(lifespan=connected)

    @app.post(PATH)
    async def take(request: Request) -> Response:
        body = await request.body()
        signature = request.headers.get("x-hub-signature-256", "")
        if not signatures.valid(body, signature.encode()):
            return Response(status_code=401)
        for update in base.splitter.split(body):
            content = update.key.bytes + update.subject.bytes + update.content
            message = aio_pika.Message(content, delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
            await broker["exchange"].publish(message, RAW)
        return Response()

    @app.get("/ready")
    async def ready() -> Response:
        return Response()

    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    uvicorn.run(
        application(),
        host="127.0.0.1",
        port=given.port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        timeout_keep_alive=75,
        backlog=4096,
    )
