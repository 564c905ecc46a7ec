"""Reads Meta's side: the simulator's ledger, and the chats as the patients see them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import urllib3

from chaos.checker.digests import Digest
from chaos.checker.evidence import Ledger, Message, Send, Status, Told

_ASKING = ("text", "interactive", "button")
Json = Mapping[str, Any]


def read_ledger(simulator_url: str, digest: Digest) -> Ledger:
    """Everything that Meta told, took and shows."""
    with urllib3.PoolManager(retries=False, timeout=60) as http:

        def get(path: str) -> Any:
            answer = http.request("GET", f"{simulator_url}/sim{path}")
            if answer.status != 200:
                message = f"the simulator answered {answer.status}"
                raise RuntimeError(message)
            return answer.json()

        ledger = get("/ledger")
        chats = [get(f"/users/{user['id']}/messages") for user in get("/users")]
    return ledger_of(ledger, chats, digest)


def ledger_of(ledger: Json, chats: Iterable[Iterable[Json]], digest: Digest) -> Ledger:
    """The control API's answers as evidence; patients are numbered as their phones came."""
    shown = {
        bubble["wamid"]: (patient, bubble)
        for patient, chat in enumerate(chats, start=1)
        for bubble in chat
    }
    told = _told(ledger["webhooks"])
    return Ledger(
        [_message(wamid, told[wamid], shown, digest) for wamid in _names(ledger, "messages")],
        [_status(key, told[key], digest) for key in _names(ledger, "statuses")],
        [_send(send, shown) for send in ledger["sends"]],
        _unanswered(shown.values(), told),
    )


def _names(ledger: Json, kind: str) -> Iterable[str]:
    return dict.fromkeys(name for webhook in ledger["webhooks"] for name in webhook[kind])


def _told(webhooks: Iterable[Json]) -> dict[str, Told]:
    """Bring together all attempts at all POSTs that carried an update."""
    attempts: dict[str, list[Json]] = defaultdict(list)
    for webhook in webhooks:
        for name in (*webhook["messages"], *webhook["statuses"]):
            attempts[name] += webhook["attempts"]
    return {name: _history(tries) for name, tries in attempts.items()}


def _history(attempts: Sequence[Json]) -> Told:
    first_post = min((attempt["monotonic"] for attempt in attempts), default=float("inf"))
    taken = [attempt for attempt in attempts if attempt["status"] == 200]
    if not taken:
        return Told(first_post)
    first = min(taken, key=lambda attempt: attempt["monotonic"] + attempt["seconds"])
    spilled = "intake" in (first["server_timing"] or "")
    took = first["seconds"]
    return Told(first_post, first["monotonic"] + took, first["at"] + took, spilled)


def _message(
    wamid: str, told: Told, shown: Mapping[str, tuple[int, Json]], digest: Digest
) -> Message:
    patient, bubble = shown.get(wamid, (0, {"type": "unknown"}))
    key, mark = digest("update", f"message|{wamid}"), digest("wamid", wamid)
    return Message(key, mark, patient, bubble["type"], told)


def _status(key: str, told: Told, digest: Digest) -> Status:
    wamid, name, _ = key.split("|")
    return Status(digest("update", f"status|{key}"), wamid, name, told)


def _send(send: Json, shown: Mapping[str, tuple[int, Json]]) -> Send:
    patient, _ = shown.get(send["wamid"], (None, None))
    reference = _reference(send["biz_opaque_callback_data"])
    return Send(send["wamid"], reference, patient, send["monotonic"], send["answered"])


def _reference(opaque: str | None) -> UUID | None:
    try:
        return UUID(opaque or "")
    except ValueError:
        return None


def _unanswered(bubbles: Iterable[tuple[int, Json]], told: Mapping[str, Told]) -> list[int]:
    """Patients whose last words were taken, and have nothing below them."""
    waiting: dict[int, bool] = {}
    for patient, bubble in bubbles:
        if bubble["direction"] == "outbound":
            waiting[patient] = False
        elif bubble["type"] in _ASKING:
            known = told.get(bubble["wamid"])
            waiting[patient] = known is not None and known.answered is not None
    return [patient for patient, waits in waiting.items() if waits]
