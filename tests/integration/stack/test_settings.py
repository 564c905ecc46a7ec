"""The output for an admin who starts medvault without, with wrong, and with the right settings."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from medvault.settings import EITHER, NEEDED, Settings
from support.stack.service import run

BARE = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
WRONG = {
    "MEDVAULT_PORT": "several",
    "MEDVAULT_TIMEZONE": "Mars/Olympus",
    "MEDVAULT_LOG_LEVEL": "deafening",
    "MEDVAULT_WHATSAPP_PAIR_BURST": "-17",
    "MEDVAULT_DATABASE_URL": "postgresql://vault:se:cret@host:port/name",
    "MEDVAULT_DATABASE_REPLICA_URL": "mysql://replica",
    "MEDVAULT_BROKER_URL": "http://rabbitmq:15672",
    "MEDVAULT_CACHE_URL": "cache:6379",
    "MEDVAULT_S3_ENDPOINT_URL": "minio:9000",
    "MEDVAULT_CLAMD_ADDRESS": "clamav:3310",
    "MEDVAULT_WHATSAPP_BASE_URL": "graph.example",
    "MEDVAULT_WHATSAPP_PHONE_NUMBER_ID": "+49 151 12345678",
    "MEDVAULT_KEYS": "one-key-that-is-none",
    "MEDVAULT_INTAKE_KEY": "k1:nothing",
    "MEDVAULT_INDEX_KEY": "shorter-than-it-is",
    "MEDVAULT_WHATSAPP_EARLIER_PHONE_NUMBER_IDS": "4711 since May",
}
USABLE = {
    "MEDVAULT_DATABASE_URL": "postgresql://127.0.0.1:9/name",
    "MEDVAULT_BROKER_URL": "amqp://127.0.0.1:9/",
    "MEDVAULT_KEYS": f"k1:{'A' * 43}=",
    "MEDVAULT_INDEX_KEY": f"{'A' * 43}=",
    "MEDVAULT_WHATSAPP_PHONE_NUMBER_ID": "1",
    "MEDVAULT_WHATSAPP_APP_SECRETS": "secret",
    "MEDVAULT_WHATSAPP_VERIFY_TOKEN": "token",
}


@pytest.mark.parametrize(
    "command",
    [["api"], ["migrate"], *(["worker", role] for role in ("inbound", "media", "outbound"))],
    ids=" ".join,
)
def test_missing_settings_are_all_named_at_once(command: Sequence[str]) -> None:
    ended = run(command, BARE)
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    for name in NEEDED[command[-1]]:
        assert f"MEDVAULT_{name.upper()} is missing: " in ended.stderr
    either = EITHER.get(command[-1], ())
    assert [f"MEDVAULT_{name.upper()} is missing" in ended.stderr for name in either] in (
        [],
        [True, False],
    )
    assert "medvault settings" in ended.stderr


def test_wrong_and_missing_settings_are_told_in_one_message(tmp_path: Path) -> None:
    unreadable = {"MEDVAULT_WHATSAPP_TOKEN_FILE": str(tmp_path / "no")}
    ended = run(["worker", "media"], BARE | WRONG | unreadable)
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    for variable, value in WRONG.items():
        assert ended.stderr.count(f"  {variable}:") == 1
        assert value not in ended.stderr
    assert "MEDVAULT_WHATSAPP_TOKEN_FILE names a file that can't be read" in ended.stderr
    assert "MEDVAULT_S3_BUCKET is missing" in ended.stderr


@pytest.mark.parametrize(
    "number", ["+49 151 12345678", "4915112345678", "15550783881", "my-clinic"]
)
def test_a_phone_number_is_told_from_its_id_at_meta(number: str) -> None:
    ended = run(["api"], BARE | USABLE | {"MEDVAULT_WHATSAPP_PHONE_NUMBER_ID": number})
    assert ended.returncode == 2
    assert "not the phone number" in ended.stderr
    assert "106540352242922" in ended.stderr
    assert number not in ended.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KEYS", "one-key-that-is-none"),
        ("INTAKE_KEY", "k1:nothing"),
        ("INDEX_KEY", "short"),
        ("WHATSAPP_APP_SECRETS", " "),
    ],
)
def test_a_secret_that_can_not_be_used_is_named_without_its_value(name: str, value: str) -> None:
    ended = run(["api"], BARE | USABLE | {f"MEDVAULT_{name}": value})
    assert ended.returncode == 2
    assert f"MEDVAULT_{name}" in ended.stderr
    assert value == " " or value not in ended.stderr
    assert "Traceback" not in ended.stderr


def test_settings_are_printed_as_a_table() -> None:
    printed = run(["settings"], BARE)
    assert printed.returncode == 0
    for name, field in Settings.model_fields.items():
        (row,) = [
            line for line in printed.stdout.splitlines() if f"`MEDVAULT_{name.upper()}`" in line
        ]
        assert str(field.description) in row


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ([], ["demo", "api", "worker", "migrate", "simulator", "settings", "medvault demo"]),
        (["demo"], ["--data", "--api-port", "--simulator-port", "--tour"]),
        (["worker"], ["inbound", "media", "outbound"]),
        (["keys"], ["intake"]),
        (["simulator"], ["--webhook-url", "--port", "MEDVAULT_WHATSAPP_BASE_URL"]),
    ],
    ids=lambda value: " ".join(value) or "medvault",
)
def test_help_says_what_there_is(command: Sequence[str], words: Sequence[str]) -> None:
    shown = run([*command, "--help"], BARE | {"COLUMNS": "100"})
    assert shown.returncode == 0
    for word in words:
        assert word in shown.stdout
