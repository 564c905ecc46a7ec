"""Meta's verification of a webhook address."""

import secrets

import aiohttp

from medvault.simulator.account import Account


async def verify(account: Account) -> tuple[bool, int | None]:
    """Whether the webhook echoes the challenge, and the HTTP status (None: no answer)."""
    challenge = str(secrets.randbelow(10**10))
    query = {
        "hub.mode": "subscribe",
        "hub.challenge": challenge,
        "hub.verify_token": account.verify_token,
    }
    timeout = aiohttp.ClientTimeout(total=10)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(account.webhook_url, params=query, allow_redirects=False) as response,
        ):
            body = await response.content.read(1024)
            return response.status == 200 and body == challenge.encode(), response.status
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return False, None
