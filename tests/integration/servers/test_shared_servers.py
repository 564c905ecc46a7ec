"""The promises of the shared servers to the tests that stand on them."""

import contextlib
import socket
import struct

import pika
import psycopg2
import pytest
import redis
from botocore.exceptions import ClientError

from support.servers.clamd import EICAR, SIGNATURE, Clamd
from support.servers.postgres import Postgres, PrivatePostgres, wheel_binaries
from support.servers.rabbitmq import RabbitMQ
from support.servers.s3 import S3, Bucket


def answer(url: str, query: str) -> object:
    with contextlib.closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
    return row[0] if row else None


def test_postgres_is_15_or_newer(postgres: Postgres) -> None:
    version = answer(postgres.url, "SHOW server_version_num")
    assert int(str(version)) >= 150_000


def test_each_database_is_empty_and_its_own(postgres: Postgres) -> None:
    first, second = postgres.new_database(), postgres.new_database()
    run(first, "CREATE TABLE mine (id int)")
    assert answer(first, "SELECT to_regclass('mine')") == "mine"
    assert answer(second, "SELECT to_regclass('mine')") is None


def test_a_preparation_runs_once_and_every_database_has_it(postgres: Postgres) -> None:
    prepared = []

    def migrate(url: str) -> None:
        prepared.append(url)
        run(url, "CREATE TABLE migrated (id int)")

    for url in (postgres.new_database(migrate), postgres.new_database(migrate)):
        assert answer(url, "SELECT count(*) FROM migrated") == 0
        assert url not in prepared
    assert len(prepared) == 1


def test_a_database_in_use_can_be_dropped(postgres: Postgres) -> None:
    url = postgres.new_database()
    with contextlib.closing(psycopg2.connect(url)):
        postgres.drop_database(url)
    with pytest.raises(psycopg2.OperationalError, match="does not exist"):
        psycopg2.connect(url)


def test_a_wrong_password_is_refused(database_url: str) -> None:
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(database_url, password="wrong")


def test_a_postgres_made_for_a_failure_test_syncs_to_disk() -> None:
    with PrivatePostgres(wheel_binaries()) as server:
        assert answer(server.url, "SHOW fsync") == "on"


def test_a_message_in_one_vhost_is_unseen_in_another(rabbitmq: RabbitMQ, amqp_url: str) -> None:
    other = rabbitmq.new_vhost()
    with contextlib.closing(pika.BlockingConnection(pika.URLParameters(amqp_url))) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.queue_declare("inbound", durable=True, arguments={"x-queue-type": "quorum"})
        channel.basic_publish("", "inbound", b"hello")
        _, _, body = channel.basic_get("inbound", auto_ack=True)
        assert body == b"hello"
    with contextlib.closing(pika.BlockingConnection(pika.URLParameters(other))) as connection:
        channel = connection.channel()
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="no queue 'inbound'"):
            channel.queue_declare("inbound", passive=True)
    rabbitmq.delete_vhost(other)


def test_the_cache_is_empty_whoever_used_it_before(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left", "behind")


def test_the_cache_is_empty_the_second_time_too(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0


@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        pytest.param(b"a report", "stream: OK", id="clean"),
        pytest.param(EICAR, f"stream: {SIGNATURE}.UNOFFICIAL FOUND", id="infected"),
        pytest.param(
            b"%PDF-1.7\n" + EICAR, f"stream: {SIGNATURE}.UNOFFICIAL FOUND", id="infected inside"
        ),
    ],
)
def test_the_scanner_finds_eicar_and_only_eicar(clamd: Clamd, content: bytes, verdict: str) -> None:
    with socket.create_connection((clamd.host, clamd.port), timeout=10) as connection:
        chunk = struct.pack("!I", len(content)) + content
        connection.sendall(b"nINSTREAM\n" + chunk + bytes(4))
        assert connection.makefile().readline().strip() == verdict


def test_a_bucket_keeps_every_version(s3_bucket: Bucket) -> None:
    client = s3_bucket.store.client
    for body in (b"first", b"second"):
        client.put_object(Bucket=s3_bucket.name, Key="a/report", Body=body)
    listed = client.list_object_versions(Bucket=s3_bucket.name)["Versions"]
    assert len({version["VersionId"] for version in listed}) == 2
    assert s3_bucket.keys() == ["a/report"]


def test_a_locked_version_cannot_be_deleted(s3: S3) -> None:
    bucket = s3.new_bucket(object_lock=True)
    version = s3.client.put_object(Bucket=bucket.name, Key="head", Body=b"1")["VersionId"]
    s3.client.put_object_legal_hold(
        Bucket=bucket.name, Key="head", VersionId=version, LegalHold={"Status": "ON"}
    )
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.client.delete_object(Bucket=bucket.name, Key="head", VersionId=version)


def run(url: str, statement: str) -> None:
    with contextlib.closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        connection.cursor().execute(statement)
