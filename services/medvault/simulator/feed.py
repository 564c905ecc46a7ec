"""Tells open chat pages which users' chats changed."""

import asyncio
from collections.abc import AsyncIterator


class Feed:
    """Changes fan out to every follower; a slow one gets them merged, never queued."""

    def __init__(self) -> None:
        self._followers: dict[asyncio.Event, set[str]] = {}
        self._closed = False

    def changed(self, user_id: str) -> None:
        """This user's chat or profile is not what it was."""
        for event, pending in self._followers.items():
            pending.add(user_id)
            event.set()

    def close(self) -> None:
        """End every follower's stream."""
        self._closed = True
        for event in self._followers:
            event.set()

    async def follow(self, heartbeat: float) -> AsyncIterator[list[str]]:
        """Control ids of changed users as they change; empty after `heartbeat` quiet seconds."""
        event = asyncio.Event()
        pending = self._followers.setdefault(event, set())
        try:
            yield []
            while not self._closed:
                try:
                    await asyncio.wait_for(event.wait(), heartbeat)
                except TimeoutError:
                    yield []
                    continue
                event.clear()
                changed = sorted(pending)
                pending.clear()
                yield changed
        finally:
            del self._followers[event]
