"""Offers along with a message: a command to tap, a PIN, a person to ask."""

from medvault.domain.replies import Button, Reply
from medvault.domain.saying import wording
from medvault.domain.saying.language import Language
from medvault.domain.taps import Choice, Tap


def command(typed: str, title: str, language: Language) -> Button:
    """Offer a command under a title; a tap counts as if it was typed."""
    return Button(Tap(Choice.MENU, typed).id, language.text(title))


def with_pin(body: str, taps: tuple[Button, ...], language: Language) -> Reply:
    """Offer a PIN along with another message."""
    body = f"{body}\n\n{language.text(wording.OFFER_PIN)}"
    return Reply(body, buttons=(*taps, command("set pin", wording.SET_PIN_BUTTON, language)))


def person(contact: str, language: Language) -> str:
    """Name the person who can help."""
    return language.text(wording.CONTACT, contact=contact)


def with_person(body: str, contact: str | None, language: Language) -> Reply:
    """Name the person who can help along with another message, if there is one."""
    return Reply(f"{body}\n\n{person(contact, language)}" if contact else body)
