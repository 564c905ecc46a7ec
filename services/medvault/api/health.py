"""/health, /ready and /metrics."""

from typing import Annotated

from fastapi import APIRouter, Header, Response
from fastapi.responses import JSONResponse

from medvault.observability.health import Readiness
from medvault.observability.metrics import render_metrics


def health(readiness: Readiness) -> APIRouter:
    """Make the routes that a cluster and its monitoring ask."""
    router = APIRouter(tags=["Operation"])

    @router.get("/health")
    async def alive() -> dict[str, str]:
        """Say that the process answers."""
        return {"status": "ok"}

    @router.get("/ready", responses={503: {"description": "Not ready"}})
    def ready() -> JSONResponse:
        """Say which dependencies answer, and in how many milliseconds."""
        report = readiness()
        return JSONResponse(report.as_json(), 200 if report.ready else 503)

    @router.get("/metrics")
    def measured(accept: Annotated[str | None, Header()] = None) -> Response:
        """Give the metrics to Prometheus."""
        body, content_type = render_metrics(accept)
        return Response(body, headers={"content-type": content_type})

    return router
