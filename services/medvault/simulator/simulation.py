"""The state of the simulated world, and what every part of it may do to it."""

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from medvault.simulator.account import account_of
from medvault.simulator.chats import ChatMessage
from medvault.simulator.dispatcher import Dispatcher
from medvault.simulator.faults import FaultDice
from medvault.simulator.feed import Feed
from medvault.simulator.files import SealedFiles
from medvault.simulator.journal import Journal
from medvault.simulator.ledger import Ledger
from medvault.simulator.media import Media, MediaStore, recorded
from medvault.simulator.options import SimulatorOptions
from medvault.simulator.rates import per_second
from medvault.simulator.users import Directory, User
from medvault.simulator.webhooks import MessageUpdate, StatusUpdate, Update


class Simulation:
    """Users with their chats, media, what is under way to the webhook, the ledger, the faults."""

    def __init__(self, options: SimulatorOptions, clock: Callable[[], float]) -> None:
        self.options = options
        self.clock = clock
        self.account = account_of(options)
        self.users = Directory(options.country, options.chat_limit)
        self.ledger = Ledger(clock, self._keep if options.journal is not None else None)
        self.dice = FaultDice()
        self.feed = Feed()
        self.tier = per_second(options.messages_per_second)
        self.dispatcher = Dispatcher(options, self.account, self.ledger, self.dice, self._settled)
        self._journal: Journal | None = None
        self._temporary: Path | None = None
        if options.journal is not None and options.journal_key is not None:
            self._journal = Journal(options.journal, options.journal_key)
            folder, key = options.journal.with_suffix(".media"), options.journal_key
        else:
            self._temporary = folder = Path(tempfile.mkdtemp(prefix="whatsapp-simulator-"))
            key = os.urandom(32)
        self.media = MediaStore(SealedFiles(folder, key), clock, options.media_url_ttl)

    async def start(self) -> None:
        """Remember what the journal holds, and deliver what was not answered."""
        if self._journal is not None:
            self.dispatcher.submit(list(self._restore(self._journal).values()))
        await self.dispatcher.start()

    async def stop(self) -> None:
        """Stop delivering; leave nothing in the temporary folder."""
        self.feed.close()
        await self.dispatcher.stop()
        if self._journal is not None:
            self._journal.close()
        if self._temporary is not None:
            shutil.rmtree(self._temporary)

    def submit(self, updates: Sequence[Update]) -> None:
        """Have updates delivered to the webhook."""
        if self._journal is not None:
            for update in updates:
                kind = "status" if isinstance(update, StatusUpdate) else "message"
                self._journal.append(kind, asdict(update))
        self.dispatcher.submit(updates)

    def show(self, user: User, message: ChatMessage) -> None:
        """Put a new or changed message into the user's chat."""
        if user.chat.get(message.wamid) is None:
            user.chat.append(message)
        if self._journal is not None:
            self._journal.append("bubble", {"user": user.id, **asdict(message)})
        self.feed.changed(user.id)

    def keep_user(self, user: User) -> None:
        """Record a new or changed user."""
        if self._journal is not None:
            self._journal.append("user", user.recorded())
        self.feed.changed(user.id)

    def keep_media(self, media: Media) -> None:
        """Record a new or changed media id."""
        if self._journal is not None:
            self._journal.append("media", recorded(media))

    def _keep(self, kind: str, record: dict[str, Any]) -> None:
        if self._journal is not None:
            self._journal.append(kind, record)

    def _settled(self, updates: Sequence[Update]) -> None:
        if self._journal is not None:
            self._journal.append("settled", {"keys": [update.key for update in updates]})
        for update in updates:
            if isinstance(update, StatusUpdate):
                continue
            update.element = update.contact = None
            user = self.users.get(update.lane)
            message = user.chat.get(update.wamid) if user is not None else None
            if user is not None and message is not None and message.climb("delivered"):
                self.show(user, message)

    def _restore(self, journal: Journal) -> dict[str, Update]:
        pending: dict[str, Update] = {}
        for kind, record in journal.records():
            if kind == "user":
                self.users.restore(record)
            elif kind == "media":
                self.media.restore(record)
            elif kind == "bubble":
                self._restore_bubble(record)
            elif kind in ("posted", "sent"):
                self.ledger.remember(kind, record)
            elif kind == "settled":
                for key in record["keys"]:
                    pending.pop(key, None)
            else:
                update = StatusUpdate(**record) if kind == "status" else MessageUpdate(**record)
                pending[update.key] = update
        return pending

    def _restore_bubble(self, record: dict[str, Any]) -> None:
        user = self.users.get(record.pop("user"))
        if user is None:
            return
        message = ChatMessage(**record)
        known = user.chat.get(message.wamid)
        if known is None:
            user.chat.append(message)
        else:
            known.climb(message.status)
