"""A bucket has what a folder hasn't: keys, a network, and signatures to keep secret."""

import logging
import os
import signal
import socket
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace

import pytest

from medvault.adapters.s3.options import S3Options
from medvault.adapters.s3.store import S3ObjectStore
from medvault.domain.errors import Permanent, Unavailable
from support.servers.machine import free_port
from support.servers.s3 import REGION, Bucket, PrivateS3
from support.servers.waiting import wait_until

MIB = 1024 * 1024


def options(bucket: Bucket) -> S3Options:
    server = bucket.store
    return S3Options(
        bucket.name, REGION, server.endpoint, server.access_key, server.secret_key, read_timeout=1
    )


def read(store: S3ObjectStore, key: str) -> bytes:
    with store.get(key) as chunks:
        return b"".join(chunks)


def try_everything(store: S3ObjectStore, error: type[Exception], match: str) -> None:
    for call in (
        store.check,
        lambda: store.put("a", [b"x"], 1),
        lambda: read(store, "a"),
        lambda: store.copy("a", "b"),
        lambda: store.delete("a"),
        lambda: list(store.keys("")),
    ):
        with pytest.raises(error, match=match) as caught:
            call()
        assert type(caught.value) is error
        assert "X-Amz-" not in "".join(traceback.format_exception(caught.value))


def test_wrong_keys_are_an_admins_to_mend(s3_bucket: Bucket) -> None:
    store = S3ObjectStore(replace(options(s3_bucket), secret_key="wrong"))
    try_everything(store, Permanent, "refused access .*: check MEDVAULT_S3_ACCESS_KEY")


def test_a_bucket_that_is_not_there_is_no_missing_object(s3_bucket: Bucket) -> None:
    store = S3ObjectStore(replace(options(s3_bucket), bucket="not-there"))
    try_everything(store, Permanent, "the bucket does not exist")


def test_without_any_keys_the_admin_is_told(
    s3_bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    store = S3ObjectStore(replace(options(s3_bucket), access_key=None, secret_key=None))
    try_everything(store, Permanent, "there are no credentials")


def test_keys_come_from_the_environment_where_none_are_given(
    s3_bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_bucket.store.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3_bucket.store.secret_key)
    store = S3ObjectStore(replace(options(s3_bucket), access_key=None, secret_key=None))
    store.put("a", [b"x"], 1)
    assert read(store, "a") == b"x"


def test_bytes_and_control_calls_go_the_same_way_past_any_proxy(
    s3_bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    store = S3ObjectStore(options(s3_bucket))
    store.put("a", [b"x"], 1)
    store.copy("a", "b")
    assert read(store, "b") == b"x"


def test_a_store_that_refuses_connections_does_not_answer(s3_bucket: Bucket) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    store = S3ObjectStore(replace(options(s3_bucket), endpoint_url=nobody))
    try_everything(store, Unavailable, "storage does not answer")


def redirect_once(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(
            b"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/\r\n"
            b"Content-Length: 0\r\nConnection: close\r\n\r\n"
        )


def test_a_redirect_is_not_followed(s3_bucket: Bucket) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        store = S3ObjectStore(replace(options(s3_bucket), endpoint_url=url))
        thread = threading.Thread(target=redirect_once, args=[server])
        thread.start()
        with pytest.raises(Permanent, match="check the region and the endpoint"):
            read(store, "a")
        thread.join()


def test_more_than_a_thousand_keys_are_listed(s3_bucket: Bucket) -> None:
    store = S3ObjectStore(options(s3_bucket))
    keys = [f"incoming/{number:04}" for number in range(1003)]
    for key in keys:
        store.put(key, [b""], 0)
    assert list(store.keys("incoming/")) == keys


def test_no_signature_and_no_key_is_logged(
    s3_bucket: Bucket, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        store = S3ObjectStore(options(s3_bucket))
        store.put("a", [b"x"], 1)
        store.copy("a", "b")
        assert read(store, "b") == b"x"
        store.check()
        unreachable = replace(options(s3_bucket), endpoint_url=f"http://127.0.0.1:{free_port()}")
        try_everything(S3ObjectStore(unreachable), Unavailable, "storage")
    for secret in ("Signature", s3_bucket.store.secret_key, s3_bucket.store.access_key):
        assert secret not in caplog.text


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # pytest-timeout's thread
def test_a_killed_uploader_leaves_nothing(s3_bucket: Bucket) -> None:
    store = S3ObjectStore(options(s3_bucket))
    child = os.fork()
    if child == 0:

        def chunks() -> Iterator[bytes]:
            yield bytes(MIB)
            yield bytes(MIB)
            time.sleep(0.1)  # the sent chunks arrive meanwhile
            os.kill(os.getpid(), signal.SIGKILL)
            yield b""

        try:
            S3ObjectStore(options(s3_bucket)).put("incoming/one", chunks(), 3 * MIB)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    store.put("incoming/two", [b"x"], 1)
    assert list(store.keys("")) == ["incoming/two"]


@pytest.fixture
def private_bucket() -> Iterator[tuple[PrivateS3, Bucket]]:
    with PrivateS3() as server:
        yield server, server.new_bucket()


@pytest.mark.calm
def test_a_store_that_hangs_is_noticed_and_used_again(
    private_bucket: tuple[PrivateS3, Bucket],
) -> None:
    server, bucket = private_bucket
    store = S3ObjectStore(replace(options(bucket), read_timeout=0.3))
    store.put("kept", [b"x"], 1)
    server.pause()
    began = time.monotonic()
    with pytest.raises(Unavailable):
        store.check()
    assert time.monotonic() - began < 1.5
    try_everything(store, Unavailable, "storage does not answer")
    server.resume()
    store.check()
    assert read(store, "kept") == b"x"


def test_a_store_that_dies_while_it_is_read_is_noticed(
    private_bucket: tuple[PrivateS3, Bucket],
) -> None:
    server, bucket = private_bucket
    store = S3ObjectStore(options(bucket))
    size = 64 * MIB
    store.put("a", (bytes(MIB) for _ in range(64)), size)
    with store.get("a") as chunks:
        got = len(next(chunks))
        server.kill()
        with pytest.raises(Unavailable):
            got += sum(map(len, chunks))
    assert got < size
    server.start()
    wait_until(lambda: len(read(store, "a")) == size, seconds=10, what="reading again")


def test_a_store_that_dies_while_it_is_written_keeps_nothing(
    private_bucket: tuple[PrivateS3, Bucket],
) -> None:
    server, bucket = private_bucket
    store = S3ObjectStore(options(bucket))

    def chunks() -> Iterator[bytes]:
        for number in range(64):
            if number == 32:
                server.kill()
            yield bytes(MIB)

    with pytest.raises(Unavailable):
        store.put("a", chunks(), 64 * MIB)
    server.start()
    assert list(store.keys("")) == []
    store.put("a", [b"x"], 1)
    assert read(store, "a") == b"x"
