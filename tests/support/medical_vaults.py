"""MedicalVaults as administrators write them, from the smallest to a large clinic's."""

from copy import deepcopy
from typing import Any

from medvault_operator.api.v1alpha1 import API_VERSION, KIND
from medvault_operator.api.v1alpha1.vault import LONGEST_NAME, MedicalVault

Body = dict[str, Any]
WHATSAPP = {"phoneNumberId": "106540352242922", "secretRef": {"name": "whatsapp"}}
MANAGED: Body = {
    "whatsapp": WHATSAPP,
    "database": {"managed": {}},
    "broker": {"managed": {}},
    "storage": {"managed": {}},
    "scanner": {"managed": {}},
}
EXTERNAL: Body = {
    "whatsapp": WHATSAPP,
    "keys": {"secretRef": {"name": "keys"}},
    "database": {"external": {"secretRef": {"name": "postgres"}}},
    "broker": {"external": {"secretRef": {"name": "rabbitmq"}, "port": 5671}},
    "cache": {"external": {"secretRef": {"name": "valkey"}}},
    "storage": {
        "external": {
            "bucket": "reports",
            "endpointUrl": "https://s3.clinic.example:9000",
            "secretRef": {"name": "s3"},
        }
    },
    "scanner": {"external": {"address": "tcp://clamd.security.svc:3310"}},
}
LARGE: Body = {
    **EXTERNAL,
    "timezone": "Asia/Kolkata",
    "dateOrder": "month-first",
    "supportContact": "Reception, extension 4711",
    "imagePullSecrets": [{"name": "registry"}],
    "whatsapp": {**WHATSAPP, "messagesPerSecond": 1000},
    "quotas": {
        "messagesPerMinute": 60,
        "openReplies": 0,
        "filesPerDay": 2000,
        "megabytesPerDay": 10_000,
        "cpuSecondsPerHour": 600,
    },
    "api": {
        "replicas": {"min": 6, "max": 20},
        "resources": {"requests": {"cpu": 1, "memory": "512Mi"}, "limits": {"memory": "1Gi"}},
    },
    "workers": {
        "inbound": {"replicas": {"min": 4}},
        "media": {"replicas": {"min": 4, "max": 40}, "threads": 2},
        "outbound": {"replicas": {"min": 4}},
    },
    "storage": {"external": {"bucket": "clinic-reports", "region": "eu-central-1"}},
    "serviceAccountAnnotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/medvault"},
    "entrance": {
        "host": "vault.clinic.example",
        "ingress": {"className": "nginx", "tls": {"issuerRef": {"name": "letsencrypt"}}},
    },
    "topology": {
        "whenUnsatisfiable": "DoNotSchedule",
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "tolerations": [{"key": "clinic", "operator": "Exists", "effect": "NoSchedule"}],
        "priorityClassName": "clinic-critical",
    },
    "monitoring": {"serviceMonitor": "enabled", "labels": {"release": "prometheus"}},
}
ROUTED: Body = {
    **MANAGED,
    "cache": {"managed": {}},
    "entrance": {
        "host": "vault.clinic.example",
        "httpRoute": {"parentRefs": [{"name": "public", "namespace": "gateways"}]},
    },
}
SPECS = {"smallest": MANAGED, "managed": ROUTED, "external": EXTERNAL, "large": LARGE}


def body(spec: Body, name: str = "clinic") -> Body:
    """An object as an administrator applies it."""
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {"name": name},
        "spec": deepcopy(spec),
    }


def vault(spec: Body, name: str = "clinic") -> MedicalVault:
    """An object as the operator gets it from the API server."""
    given = body(spec, name)
    given["metadata"] |= {"namespace": "clinics", "uid": "0c5a", "generation": 3}
    return MedicalVault.parse(given)


VAULTS = {name: vault(spec) for name, spec in SPECS.items()}
VAULTS["long name"] = vault(ROUTED, "v" * LONGEST_NAME)
