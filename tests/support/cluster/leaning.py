"""Vaults that lean on a clinic's servers, so that they need no pods but their own."""

from secrets import token_hex

from support.cluster.objects import Manifest, values
from support.cluster.site import NAME, NAMESPACE, SIMULATOR, Clinic, owner_url
from support.kubernetes.kubectl import Kubectl
from support.medical_vaults import WHATSAPP


def leaning_on(clinic: Clinic, kubectl: Kubectl, *, wrong: str = "") -> Manifest:
    """The spec of such a vault, once the Secrets for it are there.

    `wrong` names the Secret whose passwords nobody takes: postgres, rabbitmq or s3.
    """
    for name, right in _secrets(clinic).items():
        given = {key: _spoilt(value) for key, value in right.items()} if name == wrong else right
        kubectl.apply(
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": given}
        )
    store = {
        "bucket": f"other-{token_hex(4)}",
        "endpointUrl": f"http://{NAME}-storage.{NAMESPACE}.svc:7070",
        "secretRef": {"name": "s3"},
    }
    scanner = f"tcp://{NAME}-scanner.{NAMESPACE}.svc:3310"
    return {
        "whatsapp": {**WHATSAPP, "baseUrl": f"http://{SIMULATOR}.{NAMESPACE}.svc:8090"},
        "database": {"external": {"secretRef": {"name": "postgres"}}},
        "broker": {"external": {"secretRef": {"name": "rabbitmq"}, "port": 5672}},
        "storage": {"external": store},
        "scanner": {"external": {"address": scanner}},
    }


def _secrets(clinic: Clinic) -> dict[str, dict[str, str]]:
    return {
        "postgres": _database(clinic),
        "rabbitmq": _some(clinic, f"{NAME}-broker", "url"),
        "s3": _some(clinic, f"{NAME}-storage", "access-key", "secret-key"),
        "whatsapp": values(clinic.kubectl, "whatsapp"),
    }


def _spoilt(value: str) -> str:
    """The same with another password: a URL's, or the value as a whole."""
    url, at, place = value.rpartition("@")
    return f"{url.rpartition(':')[0]}:wrong{at}{place}" if at else f"wrong-{value}"


def _database(clinic: Clinic) -> dict[str, str]:
    found = _some(clinic, f"{NAME}-database", "url", "owner-url")
    return found | {"owner-url": owner_url(found["owner-url"])}


def _some(clinic: Clinic, secret: str, *keys: str) -> dict[str, str]:
    found = values(clinic.kubectl, secret)
    return {key: found[key] for key in keys}
