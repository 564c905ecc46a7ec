"""The messages of medvault, told apart by a few of their words."""

from collections.abc import Mapping
from typing import Any

PHRASES = {
    "welcome": "Welcome to your medical vault",
    "help": "What I can do",
    "hint": "Send a photo or PDF of a report and I will keep it",
    "date?": "What date is on the report?",
    "no date": "I could not read that as a date",
    "hospital?": "Which hospital, clinic or lab",
    "kind?": "What kind of report is it?",
    "confirm?": "Shall I file it?",
    "filed": "Filed: ",
    "back to it": "Back to your report:",
    "next one too": "I have the next file too",
    "cancelled": "Cancelled. I did not keep that file",
    "list": "Your reports, newest first",
    "empty": "Your vault is empty",
    "closed": "That question is closed already",
    "refused": "That is a plain text file",
    "stopped": "Stopped. Nothing is waiting",
    "checking": "I am still checking your",
    "no scanner": "my virus check is not available right now",
    "not sent": "I could not send you that report",
    "went wrong": "Something went wrong on my side",
}
FILE = "file"
PATIENCE = frozenset({"checking", "no scanner"})
"""Messages that come while the patient waits for something else, and mean that it will come."""


def labels(message: Mapping[str, Any]) -> frozenset[str]:
    """All that a message says, that it brings a file among it; empty if nobody knows."""
    text = message.get("text", "")
    found = {label for label, phrase in PHRASES.items() if phrase in text}
    return frozenset(found | ({FILE} if message.get("media_id") else set()))


def option(message: Mapping[str, Any], title: str) -> str | None:
    """The id of the button or row of this title."""
    offered = (*message.get("buttons", ()), *message.get("rows", ()))
    return next((item["id"] for item in offered if item["title"] == title), None)
