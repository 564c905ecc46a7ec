"""Every command of the images does its work, and ends at once, where nothing can be written."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
import pytest
import urllib3
import yaml

from support.docker import Container, Image
from support.kubernetes.api_server import PrivateApiServer
from support.kubernetes.etcd import PrivateEtcd
from support.servers.machine import free_port
from support.servers.postgres import Postgres
from support.servers.s3 import S3, Bucket
from support.servers.waiting import wait_until
from support.stack.environment import Keys
from support.stack.tables import Tables

MIGRATIONS = 0x6D656476
"""The advisory lock that one migration at a time holds."""

AT_ONCE = 3.0
"""Seconds within which a process ends that has nothing to finish, on a busy machine too."""


@pytest.fixture
def settings() -> dict[str, str]:
    """All that any of the commands asks for; nobody answers at any address."""
    keys, away = Keys(), free_port()
    return {
        "MEDVAULT_DATABASE_URL": f"postgresql://vault:secret@127.0.0.1:{away}/vault",
        "MEDVAULT_BROKER_URL": f"amqp://127.0.0.1:{away}/",
        "MEDVAULT_S3_ENDPOINT_URL": f"http://127.0.0.1:{away}",
        "MEDVAULT_S3_BUCKET": "reports",
        "MEDVAULT_CLAMD_ADDRESS": f"tcp://127.0.0.1:{away}",
        "MEDVAULT_WHATSAPP_BASE_URL": f"http://127.0.0.1:{away}",
        "MEDVAULT_WHATSAPP_PHONE_NUMBER_ID": "109876543210987",
        "MEDVAULT_WHATSAPP_TOKEN": keys.access_token,
        "MEDVAULT_WHATSAPP_APP_SECRETS": keys.app_secret,
        "MEDVAULT_WHATSAPP_VERIFY_TOKEN": keys.verify_token,
        "MEDVAULT_KEYS": keys.ring,
        "MEDVAULT_INDEX_KEY": keys.index,
        "MEDVAULT_HOST": "127.0.0.1",
        "MEDVAULT_PROBE_HOST": "127.0.0.1",
        "MEDVAULT_DRAIN_SECONDS": "0",
    }


@pytest.fixture
def tables(postgres_wheel: Postgres) -> Iterator[Tables]:
    found = Tables(postgres_wheel)
    yield found
    found.drop()


@pytest.fixture
def migration(tables: Tables, s3: S3, s3_bucket: Bucket) -> dict[str, str]:
    """The settings that `migrate` is given."""
    return {
        "MEDVAULT_DATABASE_OWNER_URL": tables.owner_url,
        "MEDVAULT_DATABASE_URL": tables.service_url,
        "MEDVAULT_S3_ENDPOINT_URL": s3.endpoint,
        "MEDVAULT_S3_BUCKET": f"{s3_bucket.name}-new",
        "MEDVAULT_S3_ACCESS_KEY": s3.access_key,
        "MEDVAULT_S3_SECRET_KEY": s3.secret_key,
        "MEDVAULT_TERMINATION_LOG": "/dev/termination-log",
    }


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """The file that a cluster would mount as /dev/termination-log."""
    file = tmp_path / "termination-log"
    file.touch()
    file.chmod(0o666)
    return file


def mounted(left: Path) -> list[str]:
    return ["--network", "host", "-v", f"{left}:/dev/termination-log"]


def test_help_lists_the_commands(services: Image) -> None:
    shown = services.run("--help", options=["--network", "none"])
    assert shown.returncode == 0, shown.stderr
    for command in (b"api", b"worker", b"migrate", b"simulator", b"dead-letters"):
        assert command in shown.stdout


def test_migrate_prepares_database_and_bucket(
    services: Image, migration: dict[str, str], tables: Tables, left: Path
) -> None:
    done = services.run("migrate", environment=migration, options=mounted(left))
    assert done.returncode == 0, done.stderr.decode()
    said = json.loads(left.read_text())
    assert [said["schema"]] == tables.column("SELECT version_num FROM alembic_version")
    assert isinstance(said["store_lacks"], list)


def test_migrate_leaves_why_it_could_not(
    services: Image, migration: dict[str, str], left: Path
) -> None:
    migration["MEDVAULT_S3_SECRET_KEY"] = "wrong-word"
    ended = services.run("migrate", environment=migration, options=mounted(left))
    assert ended.returncode == 2
    assert "storage refused access" in json.loads(left.read_text())["error"]
    assert b"wrong-word" not in ended.stderr + left.read_bytes()


def test_a_migration_that_waits_its_turn_ends_at_once(
    services: Image, migration: dict[str, str], tables: Tables
) -> None:
    with closing(psycopg2.connect(tables.owner_url)) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATIONS])
        environment = migration | {"MEDVAULT_TERMINATION_LOG": ""}
        with services.running("migrate", environment=environment) as container:
            waiting = (
                "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'medvault/%%'"
            )
            wait_until(
                lambda: tables.column(waiting) != [0], seconds=20, what="a waiting migration"
            )
            code, seconds = container.terminate()
    assert code == 143
    assert seconds < AT_ONCE


@pytest.mark.parametrize(
    "command",
    [["api"], ["worker", "inbound"], ["worker", "outbound"], ["worker", "media"]],
    ids=" ".join,
)
def test_a_process_ends_at_once_though_nothing_answers_it(
    services: Image, settings: dict[str, str], command: list[str]
) -> None:
    with serving(services, settings, *command) as container:
        code, seconds = container.terminate()
        assert code == 0, container.log
        assert "py.warnings" not in container.log
    assert seconds < AT_ONCE


def test_the_simulator_keeps_its_files_in_tmp_and_ends_at_once(
    services: Image, settings: dict[str, str]
) -> None:
    port = free_port()
    command = ["simulator", "--port", str(port)]
    tmp = ["--tmpfs", "/tmp:mode=1777"]
    with services.running(*command, environment=settings, options=tmp) as container:
        wait_until(lambda: status(f"http://127.0.0.1:{port}/") == 200, seconds=20, what="its page")
        code, seconds = container.terminate()
        assert code == 0, container.log
    assert seconds < AT_ONCE


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[list[str]]:
    """An API server of our own, as options that let an operator in."""
    with PrivateEtcd() as etcd, PrivateApiServer(etcd) as server:
        access = yaml.safe_load(server.kubeconfig.read_text())
        place = access["clusters"][0]["cluster"]
        authority = Path(place["certificate-authority"]).read_text()
        place["certificate-authority"] = "/run/authority"
        yield [
            *readable(tmp_path / "authority", authority),
            *readable(tmp_path / "kubeconfig", yaml.safe_dump(access)),
        ]


def readable(file: Path, text: str) -> list[str]:
    """Mounts a file under /run."""
    file.write_text(text)
    file.chmod(0o644)
    return ["-v", f"{file}:/run/{file.name}:ro"]


def test_an_operator_that_leads_ends_at_once(operator: Image, cluster: list[str]) -> None:
    port = free_port()
    environment = {
        "KUBECONFIG": "/run/kubeconfig",
        "MEDVAULT_OPERATOR_SERVICES_IMAGE": "medvault-services:test",
        "MEDVAULT_OPERATOR_NAMESPACE": "default",
        "MEDVAULT_OPERATOR_HOST": "127.0.0.1",
        "MEDVAULT_OPERATOR_PORT": str(port),
    }
    with operator.running(environment=environment, options=cluster) as container:
        wait_until(lambda: leads(port), seconds=30, what="a leading operator", every=0.2)
        code, seconds = container.terminate()
        assert code == 0, container.log
    assert seconds < AT_ONCE


def leads(port: int) -> bool:
    try:
        answer = urllib3.request("GET", f"http://127.0.0.1:{port}/ready", retries=False, timeout=1)
    except urllib3.exceptions.HTTPError:
        return False
    return bool(answer.json()["leader"])


def test_an_operator_without_a_cluster_says_what_it_needs(operator: Image) -> None:
    ended = operator.run(options=["--network", "none"])
    assert ended.returncode == 2
    assert ended.stderr
    assert b"Traceback" not in ended.stderr


@contextmanager
def serving(image: Image, settings: dict[str, str], *command: str) -> Iterator[Container]:
    """A process that answers /health."""
    port, probes = free_port(), free_port()
    ports = {"PORT": port, "PROBE_PORT": port, "API_PROBE_PORT": probes}
    environment = settings | {f"MEDVAULT_{name}": str(given) for name, given in ports.items()}
    with image.running(*command, environment=environment) as container:

        def answers() -> bool:
            assert container.state["Running"], container.log
            return status(f"http://127.0.0.1:{port}/health") == 200

        wait_until(answers, seconds=20, what=f"{command} answering", every=0.2)
        yield container


def status(url: str) -> int:
    try:
        return urllib3.request("GET", url, retries=False, timeout=1).status
    except urllib3.exceptions.HTTPError:
        return 0
