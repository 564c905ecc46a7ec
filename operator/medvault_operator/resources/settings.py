"""The settings of a process: environment variables, and secrets as files."""

from typing import Any

from medvault_operator.api.v1alpha1.whatsapp import WhatsApp
from medvault_operator.vault import interface
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.vault.interface import PREFIX, Process
from medvault_operator.vault.secret_files import Files, SecretFile

VOLUME = "secrets"
FOLDER = "/run/secrets/medvault"


def environment(blueprint: Blueprint, process: Process, secret: Files) -> list[dict[str, Any]]:
    """Return a process's environment variables."""
    plain = _plain(blueprint)
    values = {f"{PREFIX}{name.upper()}": plain[name] for name in process.settings if name in plain}
    files = {
        f"{PREFIX}{name.upper()}_FILE": f"{FOLDER}/{secret[name].path}"
        for name in process.settings
        if name in secret
    }
    return [{"name": name, "value": value} for name, value in (values | files).items()]


def volume(process: Process, secret: Files) -> dict[str, Any]:
    """Return the volume with the keys that a process needs, and no other key."""
    sources: dict[str, list[dict[str, str]]] = {}
    for file in _files(process, secret):
        sources.setdefault(file.secret, []).append({"key": file.key, "path": file.path})
    projected = [{"secret": {"name": name, "items": items}} for name, items in sources.items()]
    return {"name": VOLUME, "projected": {"sources": projected}}


def digest(blueprint: Blueprint, process: Process, secret: Files) -> str:
    """Return a digest that changes with the content of the Secrets a process reads.

    If somebody edits a Secret, the pods that read it are replaced, one after the other.
    """
    return blueprint.versions(*(file.secret for file in _files(process, secret)))


def _files(process: Process, secret: Files) -> list[SecretFile]:
    return [secret[name] for name in process.settings if name in secret]


def _earlier(given: WhatsApp) -> str | None:
    return " ".join(f"{one.phone_number_id}={one.left_on}" for one in given.earlier_numbers) or None


def _plain(blueprint: Blueprint) -> dict[str, str]:
    spec, place = blueprint.vault.spec, blueprint.store
    found = {
        "database_retire_superuser": "true" if spec.database.external is None else None,
        "whatsapp_phone_number_id": spec.whatsapp.phone_number_id,
        "whatsapp_earlier_phone_number_ids": _earlier(spec.whatsapp),
        "whatsapp_base_url": spec.whatsapp.base_url,
        "whatsapp_messages_per_second": str(spec.whatsapp.messages_per_second),
        "timezone": spec.timezone,
        "date_order": spec.date_order,
        "support_contact": spec.support_contact,
        "s3_endpoint_url": place.endpoint_url,
        "s3_bucket": place.bucket,
        "s3_region": place.region,
        "clamd_address": blueprint.scanner,
        "media_threads": str(spec.workers.media.threads),
        "port": str(interface.API_PORT),
        "probe_port": str(interface.PROBE_PORT),
        "api_probe_port": str(interface.PROBE_PORT),
        "termination_log": interface.TERMINATION_LOG,
    }
    granted = {
        f"quota_{name}": str(amount)
        for name, amount in spec.quotas.model_dump(exclude_none=True).items()
    }
    return {name: value for name, value in found.items() if value is not None} | granted
