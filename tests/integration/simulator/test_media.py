import base64
import hashlib
import os
from collections.abc import Callable
from typing import Any

import pytest
import urllib3

from integration.simulator.business import BEARER, Business
from integration.simulator.receiver import Receiver
from support import pictures

PDF = b"%PDF-1.4 " + os.urandom(700_000)


def sha256(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def code(answer: urllib3.BaseHTTPResponse) -> tuple[int, int, int | None]:
    error = answer.json()["error"]
    return answer.status, error["code"], error.get("error_subcode")


def inbound_document(business: Business, receiver: Receiver) -> tuple[dict[str, Any], Any]:
    user = business.user()
    business.sends_file(user, PDF, "räport.pdf", "application/pdf")
    (message,) = receiver.wait_for_messages(1)
    return user, message


def test_a_file_is_described_downloaded_and_deleted(business: Business, receiver: Receiver) -> None:
    user, message = inbound_document(business, receiver)
    document = message["document"]
    assert document == {
        "id": document["id"],
        "mime_type": "application/pdf",
        "sha256": sha256(PDF),
        "filename": "räport.pdf",
        "caption": "from last week",
    }
    described = business.get(f"{document['id']}?phone_number_id=109876543210987").json()
    assert described["file_size"] == len(PDF)
    assert described["sha256"] == sha256(PDF)
    assert business.get(described["url"]).data == PDF
    assert code(business.get(described["url"], bearer=False)) == (401, 190, None)
    deleted = business.http.request(
        "DELETE", f"{business.url}/v25.0/{document['id']}", headers=BEARER
    )
    assert deleted.json() == {"success": True}
    assert code(business.get(document["id"])) == (400, 100, 33)
    (shown,) = business.chat(user)
    on_phone = business.get(f"{business.url}/sim/media/{shown['media_id']}")
    assert on_phone.data == PDF
    assert on_phone.headers["content-disposition"].startswith("inline")


def test_an_expired_media_id_is_denied(business: Business, receiver: Receiver) -> None:
    _, message = inbound_document(business, receiver)
    media_id = message["document"]["id"]
    business.ok("POST", f"/sim/media/{media_id}/expire")
    assert code(business.get(media_id)) == (400, 100, 33)


def test_another_phone_number_does_not_see_the_media(
    business: Business, receiver: Receiver
) -> None:
    _, message = inbound_document(business, receiver)
    answer = business.get(f"{message['document']['id']}?phone_number_id=1")
    assert code(answer) == (400, 100, 33)


def test_a_download_address_nobody_gave_out_leads_nowhere(business: Business) -> None:
    answer = business.get(f"{business.url}/whatsapp_business/attachments/guess")
    assert answer.status == 404


def test_a_photo_arrives_without_a_file_name(business: Business, receiver: Receiver) -> None:
    user = business.user()
    business.sends_file(user, b"\xff\xd8\xff jpeg", "IMG_1.jpg", "image/jpeg")
    (message,) = receiver.wait_for_messages(1)
    assert message["type"] == "image"
    assert "filename" not in message["image"]


def test_a_file_without_a_known_type_is_named_by_its_ending(
    business: Business, receiver: Receiver
) -> None:
    user = business.user()
    business.sends_file(user, b"ftypheic", "IMG_2.heic", "application/octet-stream")
    (message,) = receiver.wait_for_messages(1)
    assert message["document"]["mime_type"] == "image/heic"


def test_a_file_over_100_mb_arrives_as_unsupported(business: Business, receiver: Receiver) -> None:
    user = business.user()
    business.sends_file(user, bytes(100 * 1024 * 1024 + 1), "scan.pdf", "application/pdf")
    (message,) = receiver.wait_for_messages(1)
    assert message["type"] == "unsupported"
    assert message["errors"][0]["code"] == 131052


def test_a_sample_report_is_sent_like_a_file(business: Business, receiver: Receiver) -> None:
    user = business.user()
    samples = business.ok("GET", "/sim/samples")
    for sample in samples:
        business.says(user, sample=sample["name"])
    assert [m["type"] for m in receiver.wait_for_messages(3)] == ["document", "document", "image"]


def test_an_uploaded_document_reaches_the_phone(business: Business) -> None:
    user = business.user()
    business.says(user, text="send it")
    media_id = business.upload(PDF, "application/pdf").json()["id"]
    document = {"id": media_id, "caption": "Here it is", "filename": "report.pdf"}
    assert business.send(to=user["phone"], type="document", document=document).status == 200
    shown = business.chat(user)[-1]
    assert (shown["filename"], shown["text"]) == ("report.pdf", "Here it is")
    assert business.get(f"{business.url}/sim/media/{media_id}").data == PDF


def test_what_meta_does_not_take_is_refused_at_upload(business: Business) -> None:
    refused = {
        "heic": business.upload(b"x", "image/heic"),
        "octets": business.upload(b"x", "application/octet-stream"),
        "other type": business.upload(b"x", "image/png", type="image/jpeg"),
        "no product": business.upload(b"x", "image/png", messaging_product=""),
    }
    assert {name: code(answer)[:2] for name, answer in refused.items()} == dict.fromkeys(
        refused, (400, 100)
    )


def test_an_upload_has_the_size_limit_of_its_type(business: Business) -> None:
    five = 5 * 1024 * 1024
    assert business.upload(bytes(five), "image/jpeg").status == 200
    assert code(business.upload(bytes(five + 1), "image/jpeg"))[:2] == (400, 131053)
    assert code(business.upload(bytes(500 * 1024 + 1), "image/webp"))[:2] == (400, 131053)
    assert business.upload(bytes(five + 1), "application/pdf").status == 200


@pytest.mark.parametrize(
    ("mime", "build", "taken"),
    [
        ("image/jpeg", lambda: pictures.jpeg("CMYK"), False),
        ("image/png", lambda: pictures.png("I;16"), False),
        ("image/jpeg", lambda: pictures.jpeg("L"), True),
        ("image/png", lambda: pictures.png("RGBA"), True),
    ],
)
def test_an_image_has_eight_bits_in_grey_or_rgb(
    business: Business, mime: str, build: Callable[[], bytes], taken: bool
) -> None:
    answer = business.upload(build(), mime)
    assert answer.status == 200 if taken else code(answer)[:2] == (400, 131053)


def test_a_cut_off_upload_is_refused(business: Business) -> None:
    body, content_type = urllib3.encode_multipart_formdata(
        {"messaging_product": "whatsapp", "file": ("a", b"%PDF", "application/pdf")}
    )
    headers = {**BEARER, "Content-Type": content_type}
    url = f"{business.number}/media"
    answer = business.http.request("POST", url, body=body[:-20], headers=headers)
    assert code(answer)[:2] == (400, 100)
    headers["Content-Type"] = "application/json"
    answer = business.http.request("POST", url, body=b"{}", headers=headers)
    assert code(answer)[:2] == (400, 100)
