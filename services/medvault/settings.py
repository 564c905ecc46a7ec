"""Settings: every one an environment variable MEDVAULT_*, read once by `bootstrap`.

A setting that is a secret may also be given as a file: MEDVAULT_<NAME>_FILE holds its path.
"""

import os
from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
)
from pydantic.fields import FieldInfo

PREFIX = "MEDVAULT_"
_PHONES = range(7, 14)
"""Digits that a phone number has with its country's code (E.164); ids at Meta have more."""
STATUSES_COME = timedelta(days=30)
"""How long statuses of an earlier number are taken."""
Given = TypeVar("Given", str | None, SecretStr | None)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("is no time zone; name one as Europe/Berlin or Asia/Kolkata") from None
    return name


def _address(*schemes: str) -> AfterValidator:
    """Check an address's form; the error about a wrong one doesn't show it, nor its password."""
    beginnings = " or ".join(f"{scheme}://" for scheme in schemes)

    def check(given: Given) -> Given:
        text = given.get_secret_value() if isinstance(given, SecretStr) else given
        if text is not None and not _has_form(text, schemes):
            raise ValueError(f"is no address; it begins with {beginnings}")
        return given

    return AfterValidator(check)


def _has_form(address: str, schemes: Collection[str]) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in schemes and parts.port != 0 and "://" in address
    except ValueError:
        return False


def earlier_numbers(given: str | None) -> dict[str, date]:
    """Return the ids of earlier numbers, each with the last day on which its statuses count.

    Raises `ValueError` where the form is another than `id=2026-11-30 id=…`, each with the day on
    which the vault left that number.
    """
    try:
        pairs = [word.split("=") for word in (given or "").replace(",", " ").split()]
        return {id: date.fromisoformat(day) + STATUSES_COME for id, day in pairs if _is_id(id)}
    except (ValueError, OverflowError):
        raise ValueError(
            "is no list of ids and days; write each as 106540352242922=2026-11-30, the day being "
            "the one on which the vault left that number"
        ) from None


def _is_id(text: str) -> bool:
    if not (text.isascii() and text.isdecimal()):
        raise ValueError
    return True


def _phone_number_id(given: str | None) -> str | None:
    if given is not None and not (
        given.isascii() and given.isdecimal() and len(given) not in _PHONES
    ):
        raise ValueError(
            "is no id of a number; it is not the phone number, but the 14 digits or more that "
            "WhatsApp Manager shows beside it as `Phone number ID`, such as 106540352242922"
        )
    return given


def _earlier(given: str | None) -> str | None:
    earlier_numbers(given)
    return given


DatabaseUrl = Annotated[SecretStr | None, _address("postgresql", "postgres")]
BrokerUrl = Annotated[SecretStr | None, _address("amqp", "amqps")]


def _login(whose: str, server: str) -> str:
    return f"{whose} own login to the {server}; `migrate` admits or tries it, and nobody else does."


class Settings(BaseModel):
    """All settings, with their defaults; some of the commands need those without one.

    The context of validation may name the files that secrets came from.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    _files: dict[str, Path] = PrivateAttr(default_factory=dict)

    database_url: DatabaseUrl = Field(
        None, description="PostgreSQL as the service: postgresql://user:password@host/name."
    )
    database_owner_url: DatabaseUrl = Field(
        None, description="PostgreSQL as the owner of the tables; only `migrate` uses it."
    )
    database_retire_superuser: bool = Field(
        False,
        description="Whether `migrate` hands all to an owner that is no superuser, and closes the "
        "login of MEDVAULT_DATABASE_OWNER_URL; for a PostgreSQL of medvault's own.",
    )
    database_api_url: DatabaseUrl = Field(None, description=_login("The API's", "database"))
    database_inbound_url: DatabaseUrl = Field(None, description=_login("inbound's", "database"))
    database_media_url: DatabaseUrl = Field(None, description=_login("media's", "database"))
    database_outbound_url: DatabaseUrl = Field(None, description=_login("outbound's", "database"))
    database_replica_url: DatabaseUrl = Field(
        None, description="A read replica, for what may be a moment old."
    )
    broker_url: BrokerUrl = Field(None, description="RabbitMQ: amqp://user:password@host/vhost.")
    broker_api_url: BrokerUrl = Field(None, description=_login("The API's", "broker"))
    broker_inbound_url: BrokerUrl = Field(None, description=_login("inbound's", "broker"))
    broker_media_url: BrokerUrl = Field(None, description=_login("media's", "broker"))
    broker_outbound_url: BrokerUrl = Field(None, description=_login("outbound's", "broker"))
    broker_prefix: str = Field("medvault.", description="In front of every queue's name.")
    cache_url: Annotated[SecretStr | None, _address("redis", "rediss", "unix")] = Field(
        None,
        description="Valkey or Redis: redis://host:6379/0. Without it each process has its own.",
    )

    s3_endpoint_url: Annotated[str | None, _address("http", "https")] = Field(
        None, description="S3 server; empty means Amazon's own."
    )
    s3_bucket: str | None = Field(None, description="The bucket for sealed files.")
    s3_region: str = Field("us-east-1", description="The bucket's region.")
    s3_access_key: SecretStr | None = Field(
        None, description="S3 access key; without it the cloud's own identity is used."
    )
    s3_secret_key: SecretStr | None = Field(None, description="S3 secret key.")
    s3_ca: SecretStr | None = Field(
        None,
        description="Certificates, in PEM, of a private authority that vouches for the S3 server; "
        "as a file only. Without it the public authorities count.",
    )
    s3_media_access_key: SecretStr | None = Field(
        None,
        description="S3 access key of media's own user, whom `migrate` lets into the bucket; for a "
        "store of medvault's own.",
    )
    clamd_address: Annotated[str | None, _address("tcp", "unix")] = Field(
        None, description="ClamAV: tcp://host:3310 or unix:///path."
    )

    whatsapp_base_url: Annotated[str, _address("http", "https")] = Field(
        "https://graph.facebook.com", description="The Cloud API, or what stands in for it."
    )
    whatsapp_api_version: str = Field("v25.0", description="The Cloud API's version.")
    whatsapp_phone_number_id: Annotated[str | None, AfterValidator(_phone_number_id)] = Field(
        None, description="The number's id at Meta, which is not the phone number."
    )
    whatsapp_earlier_phone_number_ids: Annotated[str | None, AfterValidator(_earlier)] = Field(
        None,
        description="Ids of earlier numbers, each with the day on which the vault left it: "
        "106540352242922=2026-11-30. For 30 days statuses of these are taken, and nothing else.",
    )
    whatsapp_token: SecretStr | None = Field(None, description="Access token.")
    whatsapp_app_secrets: SecretStr | None = Field(
        None, description="App secrets that sign webhooks, one a line or with spaces between."
    )
    whatsapp_verify_token: SecretStr | None = Field(
        None, description="The token that Meta shows when the webhook is set up."
    )
    whatsapp_messages_per_second: float = Field(
        80, gt=0, description="The number's tier: 80, 1000, or 20 for coexistence numbers."
    )
    whatsapp_pair_seconds: float = Field(
        6, ge=0, description="Seconds between messages to one user over time; 0 for no limit."
    )
    whatsapp_pair_burst: int = Field(
        45, gt=0, description="Meta's burst limit per user; medvault uses one less."
    )
    whatsapp_repeat_seconds: float = Field(
        120,
        ge=10,
        description="Seconds until an unknown send is repeated where statuses tell nothing.",
    )

    keys: SecretStr | None = Field(
        None,
        description="Key ring: a line `id:base64 of 32 bytes` each, the first one seals.",
    )
    intake_key: SecretStr | None = Field(
        None,
        description="The API's public key, by which it seals and opens nothing: what "
        "`medvault keys intake` prints. With it the API needs no MEDVAULT_KEYS.",
    )
    index_key: SecretStr | None = Field(
        None, description="Key of the blind indexes: base64 of 32 bytes. It never changes."
    )

    timezone: Annotated[str, AfterValidator(_zone)] = Field(
        "UTC",
        description="The clinic's time zone; it says what today is for patients whose user id "
        "names no country.",
    )
    date_order: Literal["day-first", "month-first"] = Field(
        "day-first", description="Which number of a date like 2/5/2019 is the day."
    )
    support_contact: str | None = Field(
        None, max_length=200, description="How to reach a person, as HELP shows it."
    )
    quota_messages_per_minute: int = Field(
        120, ge=0, description="Messages of one patient; more wait their turn. 0 for no limit."
    )
    quota_open_replies: int = Field(
        60, ge=0, description="Replies to one patient that may wait to be sent; 0 for no limit."
    )
    quota_files_per_day: int = Field(
        1000, ge=0, description="Files of one patient; more are fetched later. 0 for no limit."
    )
    quota_megabytes_per_day: int = Field(
        5000, ge=0, description="Megabytes of one patient's files; 0 for no limit."
    )
    quota_cpu_seconds_per_hour: int = Field(
        1200, ge=0, description="CPU seconds to look into one patient's files; 0 for no limit."
    )
    host: str = Field("0.0.0.0", description="Address that the API listens on.")  # noqa: S104
    port: int = Field(8000, ge=0, le=65535, description="Port that the API listens on.")
    drain_seconds: float = Field(
        5,
        ge=0,
        le=60,
        description="How long the API serves on after SIGTERM, for load balancers to notice.",
    )
    probe_host: str = Field("0.0.0.0", description="Address of all probes.")  # noqa: S104
    probe_port: int = Field(
        9000, ge=0, le=65535, description="Port of a worker's /health, /ready and /metrics."
    )
    api_probe_port: int = Field(
        8001, ge=0, le=65535, description="The same for the API, apart from what Meta reaches."
    )
    media_threads: int = Field(4, gt=0, description="Files that a media worker handles at once.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least that is logged."
    )
    log_format: Literal["json", "console"] = Field("json", description="How it is logged.")
    termination_log: str | None = Field(
        None,
        description="File for one JSON line on how a command ended: /dev/termination-log in a pod.",
    )

    def model_post_init(self, context: Any) -> None:
        """Keep the files' names."""
        self._files.update(context or {})

    def file_of(self, name: str) -> Path | None:
        """Return the file that a secret came from, which may hold another one by now."""
        return self._files.get(name)


_SERVICES = ("database_url", "broker_url", "index_key", "whatsapp_phone_number_id")
_WORKERS = (*_SERVICES, "keys")
_FILES = ("s3_bucket", "clamd_address")
NEEDED: Mapping[str, tuple[str, ...]] = {
    "api": (*_SERVICES, "whatsapp_app_secrets", "whatsapp_verify_token"),
    "inbound": _WORKERS,
    "outbound": (*_WORKERS, "whatsapp_token"),
    "media": (*_WORKERS, *_FILES, "whatsapp_token"),
    "migrate": ("database_owner_url",),
    "keys": ("keys",),
    "dead-letters": ("database_url", "keys", "index_key"),
    "patient": ("database_url", "keys", "index_key"),
    "simulator": (
        "whatsapp_app_secrets",
        "whatsapp_token",
        "whatsapp_verify_token",
        "whatsapp_phone_number_id",
    ),
}
"""The settings that each command can't do without."""
EITHER: Mapping[str, tuple[str, ...]] = {"api": ("intake_key", "keys")}
"""Settings of which a command needs one; the first is the one to give."""


class InvalidSettings(Exception):
    """All that is wrong with the settings, a line each."""

    def __init__(self, problems: list[str]) -> None:
        listed = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"The settings are not complete:\n{listed}\nSee `medvault settings`.")


def load(
    command: str,
    environment: Mapping[str, str] | None = None,
    forms: Mapping[str, Callable[[str], object]] = MappingProxyType({}),
) -> Settings:
    """Read the settings that a command needs; raises `InvalidSettings` naming every problem.

    `forms` read settings whose form is not known here; each raises ValueError.
    """
    given = dict(os.environ if environment is None else environment)
    problems: list[str] = []
    values, files = _values(given, problems)
    unreadable = {problem.partition(" ")[0] for problem in problems}
    lacking = [name for name in NEEDED.get(command, ()) if name not in values]
    if not values.keys() & (either := EITHER.get(command, ())):
        lacking += either[:1]
    problems += [
        f"{PREFIX}{name.upper()} is missing: {Settings.model_fields[name].description}"
        for name in lacking
        if f"{PREFIX}{name.upper()}_FILE" not in unreadable
    ]
    try:
        settings = Settings.model_validate(values, context=files)
    except ValidationError as error:
        problems += [_problem(found) for found in error.errors()]
    for name, read in forms.items():
        if name in values:
            try:
                read(values[name])
            except ValueError as error:
                problems.append(f"{PREFIX}{name.upper()}: {error}")
    if problems:
        raise InvalidSettings(problems)
    return settings


def _values(
    given: Mapping[str, str], problems: list[str]
) -> tuple[dict[str, Any], dict[str, Path]]:
    """Take the variables that are set, and the files of secrets; an empty one is not set."""
    values: dict[str, Any] = {}
    files: dict[str, Path] = {}
    for name, field in Settings.model_fields.items():
        variable = f"{PREFIX}{name.upper()}"
        if given.get(variable, "").strip():
            values[name] = given[variable]
        elif is_secret(field) and given.get(f"{variable}_FILE"):
            path = Path(given[f"{variable}_FILE"])
            try:
                if text := path.read_text().strip():
                    values[name], files[name] = text, path
            except (OSError, UnicodeDecodeError):
                problems.append(f"{variable}_FILE names a file that can't be read")
    return values, files


def _problem(found: Any) -> str:
    name = str(found["loc"][0]).upper()
    said = found["msg"].removeprefix("Value error, ")
    return f"{PREFIX}{name}: {said}"


def is_secret(field: FieldInfo) -> bool:
    """Whether a setting may come from a file."""
    return "SecretStr" in str(field.annotation)


def reference() -> str:
    """Return the settings as a page in Markdown."""
    rows = ["| Variable | Default | Needed by | Meaning |", "|---|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else f"`{field.default}`"
        secret = " (or `_FILE`)" if is_secret(field) else ""
        needed = ", ".join(
            command
            for command, names in NEEDED.items()
            if name in names or name in EITHER.get(command, ())
        )
        variable = f"`{PREFIX}{name.upper()}`{secret}"
        rows.append(f"| {variable} | {default} | {needed} | {field.description} |")
    return "\n".join([_INTRODUCTION, *rows])


_INTRODUCTION = """\
# Settings

Every setting is an environment variable. An empty one counts as not set. A secret may also be
given as a file: `MEDVAULT_<NAME>_FILE` holds its path. A command that lacks a setting names all
that it lacks and ends with code 2. The demo reads none of them.
"""
