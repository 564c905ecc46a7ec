"""Replies about a PIN, and replies of a vault that is locked."""

from typing import assert_never

from medvault.domain.replies import Reply
from medvault.domain.saying import offers, wording
from medvault.domain.saying.language import Language
from medvault.domain.saying.messages import (
    Guarded,
    Locked,
    PinShut,
    PinWrong,
    Unlocked,
    VaultJoined,
)


def guarded(message: Guarded, language: Language) -> Reply:
    """Put one of these messages into words."""
    match message:
        case PinWrong(left):
            return Reply(language.counted(wording.PIN_WRONG, left))
        case PinShut():
            return Reply(_shut(message, language))
        case Locked():
            return Reply("\n\n".join(_locked(message, language)))
        case Unlocked():
            return offers.with_pin(language.text(wording.UNLOCKED_BY_CLINIC), (), language)
        case VaultJoined(pin_gone):
            gone = f" {language.text(wording.JOINED_PIN_GONE)}" if pin_gone else ""
            return offers.with_pin(f"{language.text(wording.JOINED)}{gone}", (), language)
        case _:
            assert_never(message)


def _shut(message: PinShut, language: Language) -> str:
    return language.text(wording.PIN_SHUT, wait=language.wait(message.wait))


def _locked(message: Locked, language: Language) -> list[str]:
    parts = [language.text(wording.KEPT_WHILE_LOCKED)] if message.keeps_file else []
    parts += [language.text(wording.LOCKED[message.doubt]), language.text(wording.LOCKED_KEEPS)]
    if message.pause is not None:
        parts.append(_shut(PinShut(message.pause), language))
    elif message.by_pin:
        parts.append(language.text(wording.OPEN_BY_PIN))
    parts.append(
        language.text(wording.OPEN_BY_CLINIC_TOO if message.by_pin else wording.OPEN_BY_CLINIC)
    )
    if message.contact:
        parts.append(offers.person(message.contact, language))
    return parts
