"""Addresses that leave the machine in the clear are named at start, without their values."""

import pytest
import structlog

from medvault.cli import transport
from medvault.cli.transport import unencrypted
from medvault.observability.redaction import redact
from medvault.settings import load


def named(environment: dict[str, str]) -> list[str]:
    found = load("settings", {f"MEDVAULT_{name}": text for name, text in environment.items()})
    return [name.removeprefix("MEDVAULT_") for name in unencrypted(found, environment)]


@pytest.mark.parametrize(
    ("setting", "address"),
    [
        ("WHATSAPP_BASE_URL", "http://graph.example"),
        ("S3_ENDPOINT_URL", "http://10.1.2.3:9000"),
        ("BROKER_URL", "amqp://user:hunter2@rabbitmq/vault"),
        ("CACHE_URL", "redis://:hunter2@valkey:6379/0"),
        ("DATABASE_URL", "postgresql://user:hunter2@db/vault"),
        ("DATABASE_URL", "postgresql://user:hunter2@db/vault?sslmode=prefer"),
        ("DATABASE_URL", "postgresql://user:hunter2@/vault?host=127.0.0.1,db"),
        ("DATABASE_OWNER_URL", "postgres://user@/vault?host=db"),
        ("DATABASE_REPLICA_URL", "postgresql://db/vault?sslmode=disable"),
    ],
)
def test_what_leaves_the_machine_in_the_clear_is_named(setting: str, address: str) -> None:
    assert named({setting: address}) == [setting]


@pytest.mark.parametrize(
    ("setting", "address"),
    [
        ("WHATSAPP_BASE_URL", "https://graph.example"),
        ("WHATSAPP_BASE_URL", "http://127.0.0.1:8090"),
        ("S3_ENDPOINT_URL", "http://[::1]:9000"),
        ("BROKER_URL", "amqps://user:hunter2@rabbitmq/vault"),
        ("BROKER_URL", "amqp://localhost"),
        ("CACHE_URL", "rediss://valkey:6379/0"),
        ("CACHE_URL", "unix:///run/valkey.sock"),
        ("DATABASE_URL", "postgresql://user@db/vault?sslmode=verify-full"),
        ("DATABASE_URL", "postgresql://user@/vault?host=%2Frun%2Fpostgresql"),
        ("DATABASE_URL", "postgresql://user@127.0.0.1/vault"),
    ],
)
def test_what_is_encrypted_or_stays_here_is_not(setting: str, address: str) -> None:
    assert named({setting: address}) == []


def test_libpq_s_own_variable_counts() -> None:
    settings = load("settings", {"MEDVAULT_DATABASE_URL": "postgresql://db/vault"})
    assert unencrypted(settings, {"PGSSLMODE": "verify-ca"}) == []
    assert unencrypted(settings, {"PGSSLMODE": "allow"}) == ["MEDVAULT_DATABASE_URL"]


def test_the_warning_shows_the_name_and_not_the_value() -> None:
    address = "amqp://user:hunter2@rabbitmq.example/vault"
    with structlog.testing.capture_logs(processors=[redact]) as lines:
        transport.warn(load("settings", {"MEDVAULT_BROKER_URL": address}))
    (line,) = lines
    assert line["setting"] == "MEDVAULT_BROKER_URL"
    assert "hunter2" not in str(line)
    assert "example" not in str(line)
