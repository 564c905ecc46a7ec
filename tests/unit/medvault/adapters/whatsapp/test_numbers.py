from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import orjson
import pytest

from medvault.adapters.whatsapp.numbers import Numbers
from medvault.adapters.whatsapp.webhooks import WebhookReader
from medvault.domain.updates import UpdateKind
from medvault.observability import metrics

OWN, EARLIER, OTHER = "106540352242922", "106540352242921", "106540352242920"
LAST_DAY = date(2026, 12, 30)
TEXT = {"from": "4915112345678", "id": "wamid.M", "type": "text", "text": {"body": "Hi"}}
READ = {"id": "wamid.S", "status": "read", "timestamp": "1796000000"}


def reader(today: date = LAST_DAY) -> WebhookReader:
    return WebhookReader(Numbers(OWN, {EARLIER: LAST_DAY}, lambda: today))


def change(number: object, field: str = "messages", **parts: Any) -> dict[str, Any]:
    metadata = {"display_phone_number": "1", "phone_number_id": number}
    return {"field": field, "value": {"metadata": metadata, **parts}}


def body(*changes: object) -> bytes:
    entry = {"id": "1", "changes": changes}
    return orjson.dumps({"object": "whatsapp_business_account", "entry": [entry]})


def kinds(given: WebhookReader, *changes: object) -> list[UpdateKind]:
    return [update.kind for update in given.split(body(*changes))]


@contextmanager
def counted(reason: str, count: int) -> Iterator[None]:
    before = metrics.refused_updates[reason]._value.get()
    yield
    assert metrics.refused_updates[reason]._value.get() == before + count


BOTH: dict[str, Any] = {"messages": [TEXT], "statuses": [READ]}


def test_what_comes_for_the_vaults_number_is_taken() -> None:
    assert kinds(reader(), change(OWN, **BOTH)) == [UpdateKind.MESSAGE, UpdateKind.STATUS]


@pytest.mark.parametrize("number", [OTHER, int(OTHER), "", OWN + "0", ["1"]])
def test_what_comes_for_another_number_is_counted_and_left_out(number: object) -> None:
    with counted("another_number", 2):
        assert kinds(reader(), change(number, **BOTH)) == []
    with counted("another_number", 1):
        assert kinds(reader(), change(number, "smb_message_echoes", echoes=[TEXT])) == []


def test_in_a_mixed_post_only_what_is_foreign_is_left_out() -> None:
    changes = [change(OTHER, **BOTH), change(OWN, messages=[TEXT]), change(OTHER, errors=[{}])]
    with counted("another_number", 3):
        assert kinds(reader(), *changes) == [UpdateKind.MESSAGE]


def test_an_earlier_number_still_brings_statuses_and_nothing_else() -> None:
    with counted("earlier_number", 2):
        found = kinds(reader(), change(EARLIER, **BOTH, errors=[{"code": 1}]))
    assert found == [UpdateKind.STATUS]
    with counted("earlier_number", 1):
        assert kinds(reader(), change(EARLIER, messages=[TEXT])) == []


def test_an_earlier_number_brings_nothing_once_its_days_are_over() -> None:
    with counted("earlier_number", 2):
        assert kinds(reader(date(2026, 12, 31)), change(EARLIER, **BOTH)) == []


@pytest.mark.parametrize("metadata", [None, {}, [], "1", {"phone_number_id": None}])
def test_what_names_no_number_is_for_everybody(metadata: object) -> None:
    given = {"field": "messages", "value": {"metadata": metadata, "messages": [TEXT]}}
    assert kinds(reader(), given) == [UpdateKind.MESSAGE]
    account = {"field": "account_alerts", "value": {"entity_type": "WABA"}}
    before = metrics.notices["account_alerts"]._value.get()
    assert kinds(reader(), account) == []
    assert metrics.notices["account_alerts"]._value.get() == before + 1


def test_who_does_not_know_the_number_takes_what_comes() -> None:
    assert kinds(WebhookReader(), change(OTHER, messages=[TEXT])) == [UpdateKind.MESSAGE]
