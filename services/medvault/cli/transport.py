"""Which connections leave this machine in the clear; said once at start, by the settings' names."""

import os
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from urllib.parse import SplitResult, parse_qs, urlsplit

import structlog
from pydantic import SecretStr

from medvault.settings import PREFIX, Settings

_CLEAR = {"http", "amqp", "redis"}
_DATABASE = {"postgresql", "postgres"}
_ENFORCED = {"require", "verify-ca", "verify-full"}
"""PostgreSQL's sslmodes under which nothing is sent in the clear; the default falls back to it."""

log = structlog.get_logger()


def warn(settings: Settings) -> None:
    """Log each address that is reached without encryption. No value is shown."""
    for setting in unencrypted(settings, os.environ):
        log.warning("a connection is not encrypted", setting=setting)


def unencrypted(settings: Settings, environment: Mapping[str, str]) -> list[str]:
    """Return the variables of addresses beyond this machine that ask for no encryption.

    `environment` may hold libpq's PGSSLMODE. clamd is left out, for its protocol knows none.
    """
    mode = environment.get("PGSSLMODE", "")
    return [
        f"{PREFIX}{name.upper()}"
        for name, address in _addresses(settings)
        if _is_clear(urlsplit(address), mode)
    ]


def _addresses(settings: Settings) -> Iterator[tuple[str, str]]:
    for name, value in settings:
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if isinstance(text, str) and name.endswith("_url"):
            yield name, text


def _is_clear(parts: SplitResult, default_mode: str) -> bool:
    asked = parse_qs(parts.query)
    if parts.scheme in _DATABASE:
        modes = asked.get("sslmode", [default_mode])
        encrypted = modes[-1] in _ENFORCED
    else:
        encrypted = parts.scheme not in _CLEAR
    hosts = asked.get("host", [parts.netloc.rpartition("@")[2]])
    return not encrypted and not all(_is_here(host) for host in hosts[-1].split(","))


def _is_here(host: str) -> bool:
    """Whether a host, perhaps with its port, is this machine; a path is a socket's."""
    if host == "" or host.startswith("/"):
        return True
    name = urlsplit(f"//{host}").hostname or ""
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False
