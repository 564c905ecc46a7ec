"""The API: FastAPI behind the webhook's own fast route."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from medvault.api.health import health
from medvault.api.verification import verification
from medvault.api.webhook import App, Webhook
from medvault.bootstrap.api import Reception


def create_app(reception: Reception) -> App:
    """Make the ASGI application; its lifespan opens and closes what `reception` needs."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with reception.open():
            # The objects that exist by now stay, and requests leave no cycles behind: the collector
            # need not look through everything again and again.
            gc.freeze()
            gc.set_threshold(20_000, 20, 20)
            yield

    app = FastAPI(
        title="medvault",
        version=version("medvault"),
        summary="A vault for a patient's medical reports that lives in WhatsApp.",
        lifespan=lifespan,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.include_router(verification(reception.verify_token))
    app.include_router(health(reception.readiness))
    return Webhook(app, reception.signatures, reception.intake)
