"""The webhook's GET, by which Meta makes sure that the address is ours."""

import hmac
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import PlainTextResponse

from medvault.api.problems import MEDIA_TYPE, problem
from medvault.api.webhook import PATH
from medvault.observability import metrics

MAX_CHALLENGE = 500
"""Characters; Meta's have ten digits."""


def verification(verify_token: str) -> APIRouter:
    """Make the route that answers Meta's challenge to those who know the token."""
    router = APIRouter(tags=["WhatsApp"])

    @router.get(
        PATH, response_class=PlainTextResponse, responses={403: {"description": "Wrong token"}}
    )
    async def verify(
        mode: Annotated[str, Query(alias="hub.mode")] = "",
        token: Annotated[str, Query(alias="hub.verify_token")] = "",
        challenge: Annotated[str, Query(alias="hub.challenge")] = "",
    ) -> Response:
        """Give the challenge back (webhook verification); nobody else is given anything back."""
        known = hmac.compare_digest(token.encode(), verify_token.encode())
        if mode == "subscribe" and known and len(challenge) <= MAX_CHALLENGE:
            return PlainTextResponse(challenge)
        metrics.rejected_requests["verify_token"].inc()
        return Response(
            problem(403, "The verify token is another one.")[1], 403, media_type=MEDIA_TYPE
        )

    return router
