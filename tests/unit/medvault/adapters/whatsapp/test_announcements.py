import base64
import hashlib

import orjson
import pytest

from medvault.adapters.whatsapp.announcements import Announcement, read_announcement, read_handle
from medvault.domain.errors import Transient

DIGEST = hashlib.sha256(b"scan").digest()
URL = "https://lookaside.fbsbx.com/x"


@pytest.mark.parametrize("size", [4, "4"])
@pytest.mark.parametrize("digest", [base64.b64encode(DIGEST).decode(), DIGEST.hex()])
def test_both_ways_to_write_size_and_digest_are_read(size: object, digest: str) -> None:
    answer = orjson.dumps({"url": URL, "file_size": size, "sha256": digest, "id": "1"})
    assert read_announcement(answer) == Announcement(URL, 4, DIGEST)


def test_the_digest_may_lack() -> None:
    answer = orjson.dumps({"url": URL, "file_size": 4})
    assert read_announcement(answer) == Announcement(URL, 4, None)


@pytest.mark.parametrize(
    "changes",
    [
        {"url": None},
        {"url": 5},
        {"file_size": None},
        {"file_size": -1},
        {"file_size": "4 bytes"},
        {"file_size": 4.5},
        {"file_size": True},
        {"file_size": [4]},
        {"sha256": ""},
        {"sha256": 7},
        {"sha256": "z" * 64},
        {"sha256": base64.b64encode(DIGEST[:31]).decode()},
        {"sha256": "not base64!"},
    ],
)
def test_an_unknown_form_is_not_guessed_at(changes: dict[str, object]) -> None:
    answer = {"url": URL, "file_size": 4, "sha256": DIGEST.hex(), **changes}
    with pytest.raises(Transient, match="unknown form"):
        read_announcement(orjson.dumps(answer))


@pytest.mark.parametrize("answer", [b"", b"{}", b"[]", b"null", b'{"id":5}', b'{"id":""}'])
def test_an_upload_without_a_handle_is_tried_again(answer: bytes) -> None:
    with pytest.raises(Transient, match="no handle"):
        read_handle(answer)
    with pytest.raises(Transient, match="unknown form"):
        read_announcement(answer)
