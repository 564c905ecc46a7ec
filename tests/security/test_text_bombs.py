"""Texts that are cheap to write and dear to read cost what every text costs, and nobody waits."""

import json
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import pytest

from medvault.adapters.whatsapp.webhooks import WebhookReader
from medvault.domain.errors import Permanent
from medvault.domain.understanding.typed import LONGEST_NAME, LONGEST_TEXT
from medvault.domain.updates import Update, UpdateKind
from support import bombs
from support.attacks import Attacks
from support.patients import Patient

pytestmark = pytest.mark.alone

CPU_MS = 5.0
LENGTHS = (LONGEST_NAME, LONGEST_TEXT)
TYPED = 65_536
"""Characters that WhatsApp lets a person type."""
BEYOND = 1_000_000
OLD = 8_000
"""Characters: at full length the control alone takes half a minute."""
OLD_BOMBS = ("acute and cedilla", "marks that become two", "becomes 18", "becomes most by NFKC")
MEGABYTE = 1024 * 1024
LARGE = MEGABYTE // 2
"""Bytes: more than a message has with one text of the longest. Beyond, the cost of the JSON parser
for the whole webhook is told by the megabyte; the API takes three."""
STEPS = ("idle", "date", "hospital", "type", "confirm")
READER = WebhookReader()


def webhook(element: dict[str, Any], name: str = "Asha Rao") -> bytes:
    contact = {"profile": {"name": name, "username": name}, "user_id": bombs.USER}
    message = {"from_user_id": bombs.USER, "id": "wamid.1", **element}
    value = {"contacts": [contact], "messages": [message]}
    entry = [{"id": "1", "changes": [{"field": "messages", "value": value}]}]
    return json.dumps({"object": "whatsapp_business_account", "entry": entry}).encode()


def cpu_ms(work: Callable[[], object]) -> float:
    """The CPU milliseconds that work costs; the best of three where others disturbed it."""
    costs: list[float] = []
    while not costs or (costs[-1] > CPU_MS and len(costs) < 3):
        began = time.thread_time()
        work()
        costs.append((time.thread_time() - began) * 1000)
    return min(costs)


def decide(updates: Sequence[Update], step: str) -> None:
    """Read what was stored and answer it, as a worker does while it holds the conversation."""
    for update in updates:
        if update.kind is not UpdateKind.MESSAGE:
            continue
        try:
            event = READER.read_message(update.content).event
        except Permanent:
            continue
        patient = PATIENTS[step]
        before = patient.state
        patient.does(event)
        patient.state = before


def patients() -> dict[str, Patient]:
    found = {step: Patient() for step in STEPS}
    for step in STEPS[1:]:
        found[step].comes_to(step)
    return found


PATIENTS = patients()
WORST: list[float] = []


def every_place(bomb: str) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Messages with the text in one place each, and the name that their sender goes by."""
    for place, element in bombs.placed(bomb):
        yield place, element, "Asha Rao"
    yield "profile", {"type": "text", "text": {"body": "hello"}}, bomb


def attacks_of(*, full: bool) -> Iterator[tuple[str, str, bytes]]:
    """Each text in each place, at the lengths that cost most; at full size also far beyond them."""
    for name, pattern in bombs.PATTERNS.items():
        for length in (*LENGTHS, TYPED):
            for place, element, sender in every_place(bombs.text(pattern, length)):
                body = webhook(element, sender)
                if (full or length < TYPED or place == "text") and len(body) <= 3 * MEGABYTE:
                    yield name, place, body


def test_every_text_in_every_place_costs_at_most_five_milliseconds(
    attacks: Attacks, *, full: bool
) -> None:
    worst = border = 0.0
    dearest, tried = ("", ""), 0
    for name, place, body in attacks_of(full=full):
        updates, cut = READER.split(body), cpu_ms(partial(READER.split, body))
        whole = len(body) <= LARGE
        border = border if whole else max(border, cut * MEGABYTE / len(body))
        for step in STEPS if full or place == "text" else STEPS[1:2]:
            cost = cpu_ms(partial(decide, updates, step)) + (cut if whole else 0)
            worst, dearest = max((worst, dearest), (cost, (name, place)))
            tried += 1
    attacks.measured(text_bombs=tried, worst_cpu_ms=round(worst, 2))
    attacks.measured(large_webhook_ms_per_mb=round(border, 2))
    assert len(bombs.PATTERNS) >= 40
    assert worst <= CPU_MS, dearest


ENVELOPE = 256
"""Bytes of a message beside its text."""


@pytest.mark.parametrize("name", ["acute and cedilla", "becomes 18", "half pairs"])
def test_of_a_million_characters_a_worker_meets_what_it_would_read(name: str) -> None:
    bomb = bombs.text(bombs.PATTERNS[name], BEYOND)
    body = webhook({"type": "text", "text": {"body": bomb}})
    updates = list(READER.split(body))
    assert [update.kind for update in updates] == [UpdateKind.MESSAGE]
    assert len(updates[0].content) < 4 * LONGEST_TEXT + ENVELOPE
    assert cpu_ms(lambda: decide(updates, "hospital")) <= CPU_MS


def old_plain(text: str) -> str:
    """Normalises at full length, as 75623f2 did with every text several times."""
    return "".join(map(_old_character, unicodedata.normalize("NFKC", text)))


def _old_character(character: str) -> str:
    match unicodedata.category(character):
        case "Nd":
            return str(unicodedata.decimal(character))
        case "Pd":
            return "-"
        case "Cf" | "Cs":
            return ""
        case _:
            return character


@pytest.mark.parametrize("name", OLD_BOMBS)
def test_without_bounds_the_same_texts_cost_many_times_as_much(name: str, attacks: Attacks) -> None:
    text = bombs.text(bombs.PATTERNS[name], OLD)
    began = time.thread_time()
    old_plain(text)
    cost = (time.thread_time() - began) * 1000
    WORST.append(cost)
    attacks.measured(worst_cpu_ms_control=round(max(WORST), 1), text_bombs_control=len(WORST))
    assert cost > CPU_MS
