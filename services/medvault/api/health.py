"""/health and /ready for balancers and kubelets: a word each; the port of the probes says more."""

import asyncio

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from medvault.observability.health import Health, Readiness


def health(readiness: Readiness) -> APIRouter:
    """Make the routes that a load balancer asks."""
    router, asked = APIRouter(tags=["Operation"]), _Together(readiness)

    @router.get("/health")
    async def alive() -> dict[str, str]:
        """Say that the process answers."""
        return {"status": "ok"}

    @router.get("/ready", responses={503: {"description": "Not ready"}})
    async def ready() -> JSONResponse:
        """Say whether webhooks are taken; why not is no business of everybody's."""
        report = await asked()
        return JSONResponse({"status": report.status}, 200 if report.ready else 503)

    return router


class _Together:
    """Asks once for all who want to know meanwhile, however many they are."""

    def __init__(self, readiness: Readiness) -> None:
        self._readiness = readiness
        self._answer: asyncio.Future[Health] | None = None

    async def __call__(self) -> Health:
        if self._answer is None or self._answer.done():
            self._answer = asyncio.ensure_future(asyncio.to_thread(self._readiness))
        return await asyncio.shield(self._answer)
