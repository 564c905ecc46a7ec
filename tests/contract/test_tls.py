"""Broker, cache and store by TLS: clients use only a server for which a known authority vouches."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest

from medvault.adapters.amqp.threaded import ThreadedPublisher
from medvault.adapters.redis.connection import RedisCheck, connect
from medvault.adapters.s3.store import S3ObjectStore
from medvault.bootstrap.forms import FORMS
from medvault.bootstrap.foundation import store_options
from medvault.domain.errors import Unavailable
from medvault.ports import Check, Queue
from medvault.settings import InvalidSettings, load
from support.queues import declare
from support.scripted_handler import ScriptedHandler
from support.scripted_worker import ScriptedWorker
from support.servers.s3 import REGION, Bucket
from support.servers.tls import HOST, TlsRelay
from support.servers.waiting import wait_until


def through(url: str, relay: TlsRelay, scheme: str) -> str:
    """The same address by way of the relay."""
    parts = urlsplit(url)
    login = parts.netloc.rpartition("@")[0]
    netloc = f"{login}@{HOST}:{relay.port}" if login else f"{HOST}:{relay.port}"
    return urlunsplit(parts._replace(scheme=scheme, netloc=netloc))


def port(url: str) -> int:
    found = urlsplit(url).port
    assert found
    return found


def passes(check: Check) -> bool:
    try:
        check()
    except Unavailable:
        return False
    return True


def test_publisher_and_worker_reach_the_broker_and_know_it(
    amqp_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(amqp_url)
    with TlsRelay(tmp_path, port(amqp_url)) as relay:
        url = through(amqp_url, relay, "amqps")
        stranger = ThreadedPublisher(url)
        stranger.start()
        monkeypatch.setenv("SSL_CERT_FILE", str(relay.authority))
        publisher, handler = ThreadedPublisher(url), ScriptedHandler(tmp_path)
        publisher.start()
        wait_until(lambda: passes(publisher.check), seconds=15, what="connection")
        with ScriptedWorker(url, handler):
            ids = [uuid4(), uuid4()]
            publisher.wake(Queue.INBOUND, ids)
            handler.expect(ids)
        assert not passes(stranger.check), "the control: nobody vouches for it"
        publisher.stop()
        stranger.stop()


def test_the_cache_is_reached_and_known(redis_url: str, tmp_path: Path) -> None:
    with TlsRelay(tmp_path, port(redis_url)) as relay:
        url = through(redis_url, relay, "rediss")
        known = RedisCheck(connect(f"{url}?ssl_ca_certs={relay.authority}"))
        wait_until(lambda: passes(known), seconds=15, what="a PONG within the time-out")
        assert not passes(RedisCheck(connect(url))), "the control: nobody vouches for it"


def test_the_store_is_reached_and_known(s3_bucket: Bucket, tmp_path: Path) -> None:
    server = s3_bucket.store
    with TlsRelay(tmp_path, port(server.endpoint)) as relay:
        endpoint = through(server.endpoint, relay, "https")
        given = {
            "MEDVAULT_S3_ENDPOINT_URL": endpoint,
            "MEDVAULT_S3_BUCKET": s3_bucket.name,
            "MEDVAULT_S3_REGION": REGION,
            "MEDVAULT_S3_ACCESS_KEY": server.access_key,
            "MEDVAULT_S3_SECRET_KEY": server.secret_key,
            "MEDVAULT_S3_CA_FILE": str(relay.authority),
        }
        options = store_options(load("", given, FORMS))
        store = S3ObjectStore(options)
        store.check()
        store.put("incoming/1", [b"sealed"], 6)
        with store.get("incoming/1") as chunks:
            assert b"".join(chunks) == b"sealed"
        with pytest.raises(Unavailable):
            S3ObjectStore(replace(options, ca=None)).check()


def test_what_vouches_for_the_store_is_a_file_with_certificates(tmp_path: Path) -> None:
    wrong = tmp_path / "ca.crt"
    wrong.write_text("none of these")
    with pytest.raises(InvalidSettings, match="MEDVAULT_S3_CA: holds no certificates in PEM"):
        load("", {"MEDVAULT_S3_CA_FILE": str(wrong)}, FORMS)
    with pytest.raises(InvalidSettings, match="give MEDVAULT_S3_CA_FILE, the path of a file"):
        store_options(load("", {"MEDVAULT_S3_CA": "-----BEGIN CERTIFICATE-----"}))
