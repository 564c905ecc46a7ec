"""ClamAV as the operator runs it: clamd, and freshclam that keeps its signatures fresh."""

from medvault_operator.api.v1alpha1.scanner import ManagedScanner
from medvault_operator.resources import pods, stateful
from medvault_operator.resources.pods import Part
from medvault_operator.resources.stateful import Server
from medvault_operator.vault import addresses
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.vault.components import Component, child_name
from medvault_operator.world.manifest import Manifest

_CLAMAV = 100
_IMAGES_OWN = "/var/lib/clamav"
_VOLUME = "/signatures"
_SIGNATURES = f"{_VOLUME}/database"
_SETTINGS = "/etc/medvault"
_CLAMD, _FRESHCLAM = "clamd.conf", "freshclam.conf"
_CLOSED = "clamd-closed.conf"
_CLOSING = dict.fromkeys(
    ("EnableShutdownCommand", "EnableReloadCommand", "EnableStatsCommand"), "no"
)
"""For ClamAV 1.5 and newer: without these, any client of the port may end clamd."""
_CHECKS_A_DAY = 12
_RELOAD_SECONDS = 600
LIMITS = {
    "StreamMaxLength": "100M",
    "MaxFileSize": "256M",
    "MaxScanSize": "10G",
    "MaxScanTime": "900000",
    "AlertExceedsMax": "yes",
}
"""The limits that docs/operations.md asks for; clamd's defaults pass files it did not look into."""


def objects(blueprint: Blueprint, given: ManagedScanner) -> list[Manifest]:
    """Return the scanner's objects. Files that are being scanned lie in memory and on no disk."""
    name = child_name(blueprint.vault, Component.SCANNER)
    server = Server(
        component=Component.SCANNER,
        image=given.image,
        user=_CLAMAV,
        resources=given.resources,
        files=_files(),
        data=given.storage,
        before=(_signatures_of_image(keep=given.update_signatures),),
        beside=(_updater(),) if given.update_signatures else (),
        container={
            "command": ["sh", "-c", _start()],
            "volumeMounts": [
                pods.mount("settings", _SETTINGS, read_only=True),
                pods.mount("scans", "/tmp"),  # noqa: S108
                _signatures(),
            ],
        },
        volumes=(
            {
                "name": "settings",
                "configMap": {"name": name},
            },
            pods.scratch("scans", "2Gi"),
        ),
        start_seconds=600,
        grace=30,
    )
    return stateful.objects(blueprint.vault, server)


def _start() -> str:
    """Return the start of clamd: an image that can't close its commands doesn't know the words.

    clamd reads all of its configuration before it tells its version.
    """
    closed, open_ = (f"clamd --config-file={_SETTINGS}/{name}" for name in (_CLOSED, _CLAMD))
    warning = "This ClamAV is older than 1.5: whoever reaches its port may end it."
    return f'{closed} --version >/dev/null 2>&1 && exec {closed}; echo "{warning}"; exec {open_}'


def _signatures() -> Part:
    return pods.mount(stateful.DATA, _VOLUME)


def _signatures_of_image(*, keep: bool) -> Part:
    """Return what brings the image's own signatures to the volume, so that clamd has some.

    Those that freshclam has fetched are kept; without it the image's replace what is there.
    """
    new = f"{_SIGNATURES}.new"
    copy = f"rm -rf {new} && cp -R {_IMAGES_OWN} {new} && mv {new} {_SIGNATURES}"
    first = f"[ -d {_SIGNATURES} ] || {{ {copy}; }}" if keep else f"rm -rf {_SIGNATURES} && {copy}"
    return {
        "name": "first-signatures",
        "command": ["sh", "-c", first],
        "volumeMounts": [_signatures()],
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}},
    }


def _updater() -> Part:
    command = ["freshclam", "--daemon", "--foreground", f"--config-file={_SETTINGS}/{_FRESHCLAM}"]
    return {
        "name": "signatures",
        "command": command,
        "volumeMounts": [
            pods.mount("settings", _SETTINGS, read_only=True),
            pods.mount("scans", "/tmp"),  # noqa: S108
            _signatures(),
        ],
        "resources": {"requests": {"cpu": "50m", "memory": "256Mi"}, "limits": {"memory": "2Gi"}},
    }


def _files() -> dict[str, str]:
    clamd = {
        "Foreground": "yes",
        "TCPAddr": "0.0.0.0",  # noqa: S104
        "TCPSocket": str(addresses.PORTS[Component.SCANNER]),
        "DatabaseDirectory": _SIGNATURES,
        "TemporaryDirectory": "/tmp",  # noqa: S108
        "SelfCheck": str(_RELOAD_SECONDS),
        # Two generations of signatures and a large file together would not fit into 4 GiB.
        "ConcurrentDatabaseReload": "no",
        **LIMITS,
    }
    freshclam = {
        "DatabaseMirror": "database.clamav.net",
        "DatabaseDirectory": _SIGNATURES,
        "Checks": str(_CHECKS_A_DAY),
    }
    closed = _lines(clamd | _CLOSING)
    return {_CLAMD: _lines(clamd), _CLOSED: closed, _FRESHCLAM: _lines(freshclam)}


def _lines(options: dict[str, str]) -> str:
    return "".join(f"{name} {value}\n" for name, value in options.items())
