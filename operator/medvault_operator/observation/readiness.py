"""One bounded question by HTTP to a pod of inbound."""

import asyncio
import json

import aiohttp

from medvault_operator.vault.interface import IDENTITY_CHECK, NOTES, PROBE_PORT, READINESS
from medvault_operator.world.pods import IdentityCheck

SECONDS = 2.0
"""How long the question and the whole answer may take."""
BYTES = 65_536
"""How long an answer may be; a longer one counts as none."""


def identity_check(address: str, port: int = PROBE_PORT, seconds: float = SECONDS) -> IdentityCheck:
    """Return what the pod with an IP address tells of the check; `UNTOLD` if it does not.

    It blocks for no more than `seconds`, and raises nothing for whatever the pod does.
    """
    host = f"[{address}]" if ":" in address else address
    try:
        body = asyncio.run(_answer(f"http://{host}:{port}{READINESS}", seconds))
        return IdentityCheck(json.loads(body)[NOTES][IDENTITY_CHECK])
    except (OSError, aiohttp.ClientError, ValueError, TypeError, KeyError, RecursionError):
        return IdentityCheck.UNTOLD


async def _answer(url: str, seconds: float) -> bytes:
    """Return the body, whatever the status: a pod that is not ready tells the same."""
    timeout = aiohttp.ClientTimeout(total=seconds)
    async with (
        aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as session,
        session.get(url, allow_redirects=False) as answer,
    ):
        body = bytearray()
        async for chunk in answer.content.iter_any():
            body += chunk
            if len(body) > BYTES:
                raise ValueError("the answer is too long")
        return bytes(body)
