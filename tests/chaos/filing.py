"""The dialogue in which files become reports: the patient answers each question, once."""

from typing import TYPE_CHECKING

from chaos.answers import labels
from chaos.files import File
from chaos.shelf import Entry
from chaos.switchboard import Message

if TYPE_CHECKING:
    from chaos.patients import Patient

QUESTIONS = ("date?", "hospital?", "kind?", "confirm?")
REPEATS = frozenset({"back to it", "next one too"})


class Filing:
    """One file, with a detour at its first question if one is wanted; or several as an album.

    In an album the questions may be asked again as later files arrive, and the next file's may
    come before the word that the last one is filed.
    """

    def __init__(self, patient: "Patient", sent: list[File], detour: str | None) -> None:
        self._patient = patient
        self._sent = sent
        self._detour = detour
        self._entries = {file.name: patient.describe(file) for file in sent}
        self._current = self._entries[sent[0].name]
        self._said: set[tuple[Entry, str]] = set()
        self._filed: list[Entry] = []

    async def run(self) -> None:
        """Send, answer, and end when all are filed."""
        for file in self._sent:
            await self._patient.send(file)
        while len(self._filed) < len(self._sent):
            message = await self._patient.next("filing", self._open())
            await self._react(message)

    async def _react(self, message: Message) -> None:
        said = labels(message)
        if "filed" in said:
            self._note_filed(message)
            return
        question = next((label for label in QUESTIONS if label in said), None)
        if question is None:
            if not (self._is_album and said & REPEATS):
                self._patient.complain("unexpected answer", "filing", self._open(), said)
            return
        if question == "date?":
            self._turn_to(message)
        if (self._current, question) not in self._said:
            self._said.add((self._current, question))
            await self._answer(question, message)
        elif not self._is_album:
            self._patient.complain("asked again", "filing", got=said)

    async def _answer(self, question: str, asked: Message) -> None:
        entry, patient = self._current, self._patient
        if question == "date?":
            await self._take_detour()
            await patient.type(entry.spoken_day)
        elif question == "hospital?":
            await patient.tap_or_type(asked, entry.hospital, entry.hospital)
        elif question == "kind?":
            await patient.tap_or_type(asked, entry.kind, entry.kind)
        else:
            if not entry.is_told_in(asked.get("text", "")):
                patient.complain("wrong description", "confirmation")
            await patient.tap_or_type(asked, "File it", "yes")

    async def _take_detour(self) -> None:
        detour, self._detour = self._detour, None
        if detour == "gibberish":
            await self._patient.ask("filing", "whenever it was", "no date")
        elif detour == "help":
            await self._patient.type("HELP")
            await self._patient.hear("filing", {"help", "back to it"})

    def _turn_to(self, message: Message) -> None:
        """The question for a date names its file, where the file has a name."""
        text = message.get("text", "")
        for file in self._sent:
            if f"“{file.name}”" in text:
                self._current = self._entries[file.name]

    def _note_filed(self, message: Message) -> None:
        text = message.get("text", "")
        for entry in self._entries.values():
            if entry not in self._filed and entry.is_told_in(text):
                self._filed.append(entry)
                self._patient.filed(entry)
                return
        self._patient.complain("unexpected answer", "filing", self._open(), ["filed"])

    def _open(self) -> set[str]:
        """The messages that may come next."""
        asked = {question for entry, question in self._said if entry is self._current}
        return {label for label in QUESTIONS if label not in asked} or {"filed"}

    @property
    def _is_album(self) -> bool:
        return len(self._sent) > 1
