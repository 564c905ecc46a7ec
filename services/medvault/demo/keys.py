"""The demo's secrets: made at the first start, kept in the folder, readable by its owner only."""

import base64
import json
import os
import secrets
import shlex
from pathlib import Path

from medvault.adapters.crypto.keyring import KeyRing
from medvault.settings import NEEDED, Settings

NAMES = ("app_secret", "access_token", "verify_token")


def demo_secrets(folder: Path) -> dict[str, str]:
    """Return the folder's secrets, making them if there are none."""
    path = folder / "secrets.json"
    if not path.exists():
        made = {name: secrets.token_urlsafe(24) for name in NAMES}
        made["keys"] = KeyRing.generate().to_text()
        made |= {name: _key() for name in ("index_key", "journal_key")}
        _write(path, json.dumps(made))
    found: dict[str, str] = json.loads(path.read_text())
    return found


def for_administrators(folder: Path, settings: Settings) -> Path:
    """Write a file for a shell that sets what `medvault dead-letters` needs; returns its path."""
    path = folder / "settings.sh"
    needed = {name: getattr(settings, name).get_secret_value() for name in NEEDED["dead-letters"]}
    lines = [f"export MEDVAULT_{name.upper()}={shlex.quote(it)}\n" for name, it in needed.items()]
    _write(path, "".join(lines))
    return path


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _write(path: Path, text: str) -> None:
    """Write so that a half-written file never counts."""
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    fresh.rename(path)
