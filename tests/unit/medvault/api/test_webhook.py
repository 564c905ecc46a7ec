import asyncio
import json
from collections.abc import Sequence

import pytest

from medvault.api.webhook import MAX_BODY
from medvault.observability import metrics
from support.reception import SECRET, Answer, Front, signed, webhook_body


def post(front: Front, chunks: Sequence[bytes], signature: str | None) -> Answer:
    return asyncio.run(front.post(chunks, signature))


def test_a_signed_webhook_is_in_the_inbox_before_it_is_answered() -> None:
    front, body = Front(), webhook_body()
    status, headers, answer = post(front, [body], signed(body))
    assert (status, headers, answer) == (200, {b"content-length": b"0"}, b"")
    assert len(front.places.inbox) == 1
    assert front.places.woken == [front.places.inbox[0].subject]
    assert front.places.spilled == []


def test_a_body_that_comes_in_pieces_is_checked_whole() -> None:
    front, body = Front(), webhook_body("पहला")
    assert post(front, [body[:10], body[10:99], body[99:]], signed(body))[0] == 200
    assert len(front.places.inbox) == 1


@pytest.mark.parametrize(
    "signature",
    [None, "", "sha256=", "sha256=" + "0" * 64, "sha1=" + "0" * 40, signed(b"another body")],
)
def test_a_wrong_or_missing_signature_is_refused(signature: str | None) -> None:
    front = Front()
    before = metrics.rejected_requests["signature"]._value.get()
    status, headers, answer = post(front, [webhook_body()], signature)
    assert status == 401
    assert headers[b"content-type"] == b"application/problem+json"
    assert "signature" in json.loads(answer)["detail"]
    assert front.places.inbox == []
    assert metrics.rejected_requests["signature"]._value.get() == before + 1


def test_any_of_the_current_secrets_signs() -> None:
    front, body = Front([b"new", b"old"]), webhook_body()
    assert post(front, [body], signed(body, b"old"))[0] == 200
    assert post(front, [body], signed(body, b"new"))[0] == 200
    assert post(front, [body], signed(body, SECRET))[0] == 401


@pytest.mark.parametrize("pieces", [1, 4])
def test_a_body_over_3_mb_is_refused_before_it_is_read_whole(pieces: int) -> None:
    front, body = Front(), b" " * (MAX_BODY + 4)
    size = len(body) // pieces
    chunks = [body[at : at + size] for at in range(0, len(body), size)]
    status, _, answer = post(front, chunks, signed(body))
    assert status == 413
    assert "3 MB" in json.loads(answer)["detail"]


def test_a_body_of_exactly_3_mb_is_taken() -> None:
    front, body = Front(), webhook_body()
    padded = body + b" " * (MAX_BODY - len(body))
    assert post(front, [padded], signed(padded))[0] == 200
    assert len(front.places.inbox) == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b'{"entry": 1}'])
def test_what_is_signed_but_not_understood_is_kept(body: bytes) -> None:
    front = Front()
    assert post(front, [body], signed(body))[0] == 200
    assert [update.kind for update in front.places.inbox] == ["kept"]


def test_the_broker_takes_in_what_the_database_can_not() -> None:
    front, body = Front(), webhook_body("a secret text")
    front.places.inbox_refuses = True
    status, headers, _ = post(front, [body], signed(body))
    assert (status, headers[b"server-timing"]) == (200, b"intake")
    assert len(front.places.spilled) == 1
    assert b"secret text" not in front.places.spilled[0]
    assert front.places.woken == []


def test_a_slow_database_gets_a_second_chance_when_the_broker_is_away() -> None:
    front, body = Front(), webhook_body()
    front.places.inbox_is_slow = front.places.spillway_refuses = True
    status, headers, _ = post(front, [body], signed(body))
    assert (status, headers.get(b"server-timing")) == (200, None)
    assert len(front.places.inbox) == len(front.places.woken) == 1


def test_meta_is_asked_to_send_again_when_both_refuse() -> None:
    front, body = Front(), webhook_body()
    front.places.inbox_refuses = front.places.spillway_refuses = True
    status, headers, _ = post(front, [body], signed(body))
    assert status == 503
    assert int(headers[b"retry-after"]) > 0


def test_the_inbox_gets_no_clear_text() -> None:
    front, body = Front(), webhook_body("my secret text")
    post(front, [body], signed(body))
    stored = front.places.inbox[0]
    assert b"secret" not in stored.content
    assert b"1234567890" not in stored.content + stored.subject.bytes + stored.key.bytes


@pytest.mark.parametrize(
    "given",
    [
        [],
        [signed(b"{}")] * 2,
        [signed(b"{}"), "sha256=" + "0" * 64],
        [signed(b"{}")[:-1]],
        [signed(b"{}") + "0"],
        [signed(b"{}").upper()],
        ["sha256=" + "g" * 64],
    ],
)
def test_without_one_signature_of_the_right_form_nothing_is_read(given: list[str]) -> None:
    headers = [(b"x-hub-signature-256", one.encode()) for one in given]
    status, said, _ = asyncio.run(Front().ask("POST", "/webhook/whatsapp", headers, []))
    assert (status, said[b"connection"]) == (401, b"close")


@pytest.mark.parametrize("length", [b"3145729", b"9" * 18, b"-1", b"+3", b"", b"0x3"])
def test_a_length_that_is_too_large_or_none_is_refused_before_the_body(length: bytes) -> None:
    headers = [(b"x-hub-signature-256", signed(b"{}").encode()), (b"content-length", length)]
    status, said, _ = asyncio.run(Front().ask("POST", "/webhook/whatsapp", headers, []))
    assert (status, said[b"connection"]) == (413, b"close")
