"""A patient as a state machine: acts, waits for what must follow, notices what is wrong."""

import random
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from chaos import files
from chaos.answers import FILE, PATIENCE, labels, option
from chaos.diary import Complaint, Diary
from chaos.filing import Filing
from chaos.shelf import Entry, Shelf, digest
from chaos.switchboard import Message, Phone, Refused

OUTLASTS = 420.0
"""Seconds that a patient waits: an outage, and a send that is repeated after two minutes and, where
that is unclear again, after another four."""


class GaveUp(Exception):
    """A patient waited in vain."""


@dataclass(frozen=True, slots=True)
class World:
    """The things that all patients share: their turns, whether it is over, and their diary."""

    diary: Diary
    slot: Callable[[], Awaitable[None]]
    over: Callable[[], bool]
    began: float


class Patient:
    """Number `number`, whose choices follow from the seed alone."""

    def __init__(self, number: int, seed: int, phone: Phone, world: World) -> None:
        self.number = number
        self._dice = random.Random(f"{seed}/{number}")
        self._phone = phone
        self._world = world
        self._shelf = Shelf()
        self._files = 0

    async def live(self) -> None:
        """Go on until the storm is over, then look at the vault once more."""
        doings: dict[Callable[[], Awaitable[None]], int] = {
            self.file_one: 8,
            self.fetch: 5,
            self.look: 4,
            self.ask_for_help: 2,
            self.chatter: 2,
            self.hurry: 2,
            self.file_album: 1,
            self.change_mind: 1,
            self.send_no_report: 1,
        }
        try:
            await self.ask("greeting", "Hello", "welcome")
            while not self._world.over():
                (thing,) = self._dice.choices(list(doings), list(doings.values()))
                await thing()
            await self.look()
            await self.fetch()
        except GaveUp:
            return
        except Refused as refused:
            self.complain("refused by the simulator", "tap or file", got=str(refused))

    async def look_once_more(self) -> None:
        """When all is still: nothing may have come that nobody waited for."""
        for message in await self._phone.unheard():
            self.complain("unexpected answer", "after the end", got=labels(message))

    async def file_one(self) -> None:
        """A report from its file to the vault, at times with a detour."""
        make = files.photo if self._dice.random() < 0.3 else files.pdf
        detour = self._dice.choice((None, None, None, "gibberish", "help"))
        await Filing(self, [self.new_file(make)], detour).run()

    async def file_album(self) -> None:
        """Several files at once, which are asked about one by one."""
        count = self._dice.randint(2, 3)
        await Filing(self, [self.new_file(files.pdf) for _ in range(count)], None).run()

    async def change_mind(self) -> None:
        """A file that is dropped before it is filed."""
        await self.send(self.new_file(files.pdf))
        await self.hear("change of mind", {"date?"})
        await self.ask("change of mind", "CANCEL", "cancelled")

    async def send_no_report(self) -> None:
        """A file that no vault takes."""
        await self.send(self.new_file(files.no_report))
        await self.hear("no report", {"refused"})

    async def look(self) -> None:
        """LIST, which must show what was filed and nothing else."""
        if not self._shelf.filed:
            await self.ask("look", "LIST", "empty")
            return
        listed = await self.ask("look", "LIST", "list")
        if not self._shelf.is_shown_by(listed):
            self.complain("wrong list", "look", got=_extent(listed))

    async def fetch(self) -> None:
        """GET of one on the list, which must be the same bytes."""
        if not self._shelf.filed:
            return
        await self.look()
        page = self._shelf.listed()[:10]
        number = self._dice.randrange(len(page))
        entry = page[number]
        brought = await self.ask("fetch", f"GET {number + 1}", FILE)
        if digest(await self._phone.open(brought)) != entry.digest:
            self.complain("wrong bytes", "fetch")
        if not entry.is_told_in(brought.get("text", "")):
            self.complain("wrong description", "fetch")
        self._world.diary.fetched += 1

    async def ask_for_help(self) -> None:
        """HELP."""
        await self.ask("help", "HELP", "help")

    async def chatter(self) -> None:
        """A text that is no command and no answer."""
        await self.ask("chatter", self._dice.choice(("thank you", "how are you?", "ok")), "hint")

    async def hurry(self) -> None:
        """Two messages without waiting, which may be answered in one."""
        await self.type("HELP")
        await self.type("thanks")
        await self.hear("hurry", {"help", "hint"})

    def new_file(self, make: Callable[[random.Random, str], files.File]) -> files.File:
        """A file like no other, with a name of its own."""
        self._files += 1
        return make(self._dice, f"report-{self.number}-{self._files}")

    async def ask(self, step: str, text: str, wanted: str) -> Message:
        """Type, and wait for what must follow."""
        await self.type(text)
        return await self.hear(step, {wanted})

    async def type(self, text: str) -> None:
        """Type when it is time."""
        await self._turn()
        await self._phone.say(text)

    async def tap_or_type(self, asked: Message, title: str, text: str) -> None:
        """Answer by a button or row if there is one and the patient feels like it."""
        id = option(asked, title)
        if id is None or self._dice.random() < 0.5:
            await self.type(text)
            return
        await self._turn()
        await self._phone.tap(id)

    async def send(self, file: files.File) -> None:
        """Send a file when it is time."""
        await self._turn()
        await self._phone.send_file(file.data, file.name, file.mime, document=file.document)

    async def hear(self, step: str, wanted: Iterable[str]) -> Message:
        """Wait until all that is wanted was said, in any order; the last message of it."""
        missing = set(wanted)
        while True:
            message = await self.next(step, missing)
            said = labels(message)
            if not said & missing:
                self.complain("unexpected answer", step, missing, said)
            missing -= said
            if not missing:
                return message

    async def next(self, step: str, wanted: Iterable[str]) -> Message:
        """The next answer that is not merely asking for patience; raises `GaveUp`."""
        asked = time.monotonic()
        self._world.diary.waiting[self.number] = asked, f"{step}, {' or '.join(sorted(wanted))}"
        while True:
            try:
                message = await self._phone.answer(asked + OUTLASTS - time.monotonic())
            except TimeoutError:
                del self._world.diary.waiting[self.number]
                self.complain("no answer", step, wanted)
                raise GaveUp from None
            said = labels(message)
            if said and said <= PATIENCE:
                self._world.diary.patience.update(said)
                continue
            del self._world.diary.waiting[self.number]
            self._world.diary.answered += 1
            self._world.diary.waits.append(time.monotonic() - asked)
            return message

    def complain(
        self, what: str, step: str, wanted: Iterable[str] = (), got: Iterable[str] | str = ()
    ) -> None:
        """Write down what must not be."""
        heard = got if isinstance(got, str) else " + ".join(sorted(got)) or "something unknown"
        at = time.monotonic() - self._world.began
        complaint = Complaint(self.number, at, what, step, " or ".join(sorted(wanted)), heard)
        self._world.diary.complaints.append(complaint)

    def describe(self, file: files.File) -> Entry:
        """Think of what to say of a file."""
        return self._shelf.describe(self._dice, file)

    def filed(self, entry: Entry) -> None:
        """Remember a report that is in the vault."""
        self._shelf.filed.append(entry)
        self._world.diary.filed += 1

    async def _turn(self) -> None:
        await self._world.slot()
        self._world.diary.sent += 1


def _extent(listed: Message) -> str:
    """The part of a list that says how long it is."""
    return str(listed.get("text", "")).partition("newest first: ")[2].partition(".")[0]
