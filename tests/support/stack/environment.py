"""Settings as a deployment gives them: variables, and secrets as files."""

import base64
import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from medvault.adapters.crypto.intake_key import IntakeKey
from medvault.adapters.crypto.keyring import KeyRing
from medvault.settings import PREFIX, Settings, is_secret
from support.servers.clamd import Clamd
from support.servers.postgres import Postgres
from support.servers.s3 import Bucket
from support.stack.tables import Tables

# An access key's id is public, and "medvault" here.
_SECRET = {name for name, field in Settings.model_fields.items() if is_secret(field)} - {
    "s3_access_key"
}


def _word() -> str:
    return secrets.token_urlsafe(24)


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """The secrets that a clinic makes once, and those that Meta gives it."""

    app_secret: str = field(default_factory=_word)
    access_token: str = field(default_factory=_word)
    verify_token: str = field(default_factory=_word)
    ring: str = field(default_factory=lambda: KeyRing.generate().to_text().strip())
    index: str = field(default_factory=lambda: base64.b64encode(os.urandom(32)).decode())

    @property
    def intake(self) -> str:
        """The public key of the ring."""
        return IntakeKey.of(KeyRing.parse(self.ring)).to_text()


@dataclass(frozen=True, slots=True)
class Servers:
    """A stack's servers; the URLs are of an empty virtual host and an empty cache."""

    postgres: Postgres
    amqp_url: str
    cache_url: str
    bucket: Bucket
    clamd: Clamd


NewServers = Callable[[], AbstractContextManager[Servers]]
"""Opens servers on which nobody else is, as far as a stack can tell."""


def values(servers: Servers, tables: Tables, keys: Keys, simulator_url: str) -> dict[str, str]:
    """All settings of a stack by their names, those of single processes left out."""
    store = servers.bucket.store
    return {
        "database_url": tables.service_url,
        "database_owner_url": tables.owner_url,
        "broker_url": servers.amqp_url,
        "cache_url": servers.cache_url,
        "s3_endpoint_url": store.endpoint,
        "s3_bucket": servers.bucket.name,
        "s3_access_key": store.access_key,
        "s3_secret_key": store.secret_key,
        "clamd_address": f"tcp://{servers.clamd.address}",
        "whatsapp_base_url": simulator_url,
        "whatsapp_phone_number_id": "109876543210987",
        "whatsapp_token": keys.access_token,
        "whatsapp_app_secrets": keys.app_secret,
        "whatsapp_verify_token": keys.verify_token,
        "keys": keys.ring,
        "intake_key": keys.intake,
        "index_key": keys.index,
        "support_contact": "the front desk",
        # Patients of tests write as fast as they can.
        "quota_messages_per_minute": "0",
        "quota_open_replies": "0",
        "drain_seconds": "0",
        "host": "127.0.0.1",
        "probe_host": "127.0.0.1",
    }


def environment(settings: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The whole environment of a process: every secret in a file of its own."""
    home = str(folder)
    variables = {"PATH": os.environ["PATH"], "HOME": home, "TMPDIR": home, "LANG": "C.UTF-8"}
    for name, value in settings.items():
        variable = f"{PREFIX}{name.upper()}"
        if is_secret(Settings.model_fields[name]):
            file = folder / f"{name}.secret"
            file.write_text(f"{value}\n")
            file.chmod(0o600)
            variables[f"{variable}_FILE"] = str(file)
        else:
            variables[variable] = value
    return variables


def of_process(variables: Mapping[str, str], process: str) -> dict[str, str]:
    """The environment of a process where no release before is left.

    It has a login of its own, and the API no key ring.
    """
    own = variables[f"{PREFIX}DATABASE_{process.upper()}_URL_FILE"]
    withheld = f"{PREFIX}KEYS_FILE" if process == "api" else None
    mine = {name: value for name, value in variables.items() if name != withheld}
    return mine | {f"{PREFIX}DATABASE_URL_FILE": own}


def own_logins(tables: Tables) -> dict[str, str]:
    """The settings that tell `migrate` which login each process has."""
    return {f"database_{process}_url": url for process, url in tables.process_urls.items()}


def secrets_in(settings: Mapping[str, str]) -> list[str]:
    """The values that nobody may ever see, and the passwords within those that are addresses."""
    hidden = [value for name, value in settings.items() if name in _SECRET]
    passwords = [urlsplit(value).password for value in hidden if "://" in value]
    return [*hidden, *(password for password in passwords if password)]
