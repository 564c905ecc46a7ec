import hashlib
import os
from collections.abc import Iterator

import pytest
import urllib3

from medvault.adapters.whatsapp.media import CloudMedia
from medvault.domain.errors import Expired, Permanent, Transient, Unavailable
from medvault.domain.media import FileKind
from support.simulated import Simulator

PDF = b"%PDF-1.7\n" + os.urandom(3_000_000)


@pytest.fixture
def media(simulator: Simulator) -> Iterator[CloudMedia]:
    with CloudMedia(simulator.options()) as media:
        yield media


def fetched(media: CloudMedia, handle: str) -> bytes:
    with media.fetch(handle) as download:
        data = b"".join(download.chunks)
        assert len(data) == download.size
        assert download.sha256 == hashlib.sha256(data).digest()
    return data


def chunked(data: bytes, size: int = 100_000) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def test_what_went_up_comes_down_unchanged(media: CloudMedia) -> None:
    handle = media.upload(chunked(PDF), len(PDF), FileKind.PDF, 'पर्चा "1".pdf')
    assert fetched(media, handle) == PDF


def test_chunks_are_small(media: CloudMedia) -> None:
    handle = media.upload(chunked(PDF), len(PDF), FileKind.PDF, "scan.pdf")
    with media.fetch(handle) as download:
        assert max(map(len, download.chunks)) <= 256 * 1024


@pytest.mark.parametrize("kind", [FileKind.JPEG, FileKind.PNG])
def test_pictures_go_up_too(media: CloudMedia, kind: FileKind) -> None:
    handle = media.upload([b"picture"], 7, kind, "scan")
    assert fetched(media, handle) == b"picture"


def test_what_the_patient_sent_is_fetched(simulator: Simulator, media: CloudMedia) -> None:
    user = simulator.user()
    path = f"/users/{user['id']}/messages"
    fields = {"file": ("scan.pdf", PDF, "application/pdf"), "as_document": "true"}
    simulator.control("POST", path, fields=fields)
    (message,) = simulator.control("GET", path)
    assert fetched(media, message["media_id"]) == PDF


def test_a_media_id_that_ran_out_is_expired(simulator: Simulator, media: CloudMedia) -> None:
    handle = media.upload([b"%PDF-"], 5, FileKind.PDF, "scan.pdf")
    simulator.control("POST", f"/media/{handle}/expire")
    with pytest.raises(Expired), media.fetch(handle):
        pass


def test_what_is_deleted_is_gone_and_may_be_deleted_again(media: CloudMedia) -> None:
    handle = media.upload([b"%PDF-"], 5, FileKind.PDF, "scan.pdf")
    media.delete(handle)
    with pytest.raises(Expired), media.fetch(handle):
        pass
    media.delete(handle)


@pytest.mark.parametrize("kind", [FileKind.HEIC])
def test_a_kind_that_meta_does_not_take_is_permanent(media: CloudMedia, kind: FileKind) -> None:
    with pytest.raises(Permanent):
        media.upload([b"x"], 1, kind, "scan")


def test_a_picture_over_five_megabytes_is_permanent(media: CloudMedia) -> None:
    size = 5 * 1024 * 1024 + 1
    with pytest.raises(Permanent):
        media.upload(chunked(bytes(size)), size, FileKind.JPEG, "scan.jpg")


@pytest.mark.parametrize("chunks", [[b"%PDF"], [b"%PDF-1"], []])
def test_a_file_of_another_size_than_announced_does_not_go_up(
    media: CloudMedia, chunks: list[bytes]
) -> None:
    with pytest.raises(Transient, match="size"):
        media.upload(chunks, 5, FileKind.PDF, "scan.pdf")


def test_an_error_of_the_source_comes_through(media: CloudMedia) -> None:
    def broken() -> Iterator[bytes]:
        yield b"%PDF-"
        raise Permanent("the sealed file was altered")

    with pytest.raises(Permanent, match="altered"):
        media.upload(broken(), 99, FileKind.PDF, "scan.pdf")


@pytest.mark.parametrize(
    ("code", "raised"),
    [
        (190, Unavailable),
        (10, Unavailable),
        (368, Unavailable),
        (4, Transient),
        (131000, Transient),
    ],
)
def test_a_fault_of_the_account_waits_and_one_of_the_moment_is_tried_again(
    simulator: Simulator, media: CloudMedia, code: int, raised: type[Exception]
) -> None:
    handle = media.upload([b"%PDF-"], 5, FileKind.PDF, "scan.pdf")
    simulator.control("POST", "/faults", {"error": {"code": code, "on": "media", "times": 3}})
    with pytest.raises(raised) as told, media.fetch(handle):
        pass
    assert type(told.value) is raised
    assert handle not in str(told.value)


def test_the_token_is_needed_for_the_bytes_too(simulator: Simulator) -> None:
    tokens = iter(["token-1", "older", "token-1", "token-1"])
    with CloudMedia(simulator.options()) as media:
        handle = media.upload([b"%PDF-"], 5, FileKind.PDF, "scan.pdf")
    with CloudMedia(simulator.options(token=lambda: next(tokens))) as media:
        assert fetched(media, handle) == b"%PDF-"


def test_the_simulator_refuses_without_a_token(simulator: Simulator, media: CloudMedia) -> None:
    handle = media.upload([b"%PDF-"], 5, FileKind.PDF, "scan.pdf")
    answer = urllib3.request("GET", f"{simulator.url}/v25.0/{handle}", retries=False)
    assert answer.status == 401
