"""What a vault asks for and the cluster does not have."""

from collections.abc import Iterator

from medvault_operator.api.conditions import Reason
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.capabilities.finding import Finding
from medvault_operator.vault import workloads
from medvault_operator.vault.components import volumes
from medvault_operator.vault.credentials import Credential, needed
from medvault_operator.world.cluster import CERTIFICATE, HTTP_ROUTE, SERVICE_MONITOR
from medvault_operator.world.world import World


def prerequisites(vault: MedicalVault, world: World) -> list[Finding]:
    """Return what an administrator has to provide."""
    return [*_secrets(vault, world), *_storage_classes(vault, world), *_kinds(vault, world)]


def _secrets(vault: MedicalVault, world: World) -> Iterator[Finding]:
    for credential in needed(vault):
        secret = world.secrets.get(credential.name)
        if secret is not None:
            yield from _keys(vault, credential, secret.keys)
        elif credential.lost(world):
            yield Finding(
                Reason.SECRET_LOST,
                f"The Secret {credential.name} ({credential.field}) is gone, and another one would "
                "not open what is kept. Restore it from your copy.",
            )
        elif not credential.generated:
            yield Finding(Reason.SECRET_MISSING, _missing(vault, credential))


def _missing(vault: MedicalVault, credential: Credential) -> str:
    wanted = [*credential.lacking(frozenset(credential.own)), *credential.own]
    files = " ".join(f"--from-file={key}=FILE" for key in wanted)
    return (
        f"The Secret {credential.name} (spec.{credential.field}) does not exist. Make it: "
        f"kubectl -n {vault.namespace} create secret generic {credential.name} {files}"
    )


def _keys(
    vault: MedicalVault, credential: Credential, present: frozenset[str]
) -> Iterator[Finding]:
    if lacking := credential.lacking(present):
        yield Finding(
            Reason.SECRET_KEY_MISSING,
            f"The Secret {credential.name} (spec.{credential.field}) lacks "
            f"{', '.join(lacking)}, or they are empty. Add them: "
            f"kubectl -n {vault.namespace} edit secret {credential.name}",
        )


def _storage_classes(vault: MedicalVault, world: World) -> Iterator[Finding]:
    names = {one.name for one in world.storage_classes}
    default = any(one.default for one in world.storage_classes)
    for component, volume in volumes(vault).items():
        wanted, field = volume.storage_class_name, f"spec.{component}.managed.storage"
        if workloads.serves(workloads.found(vault, world, component)):
            continue
        if wanted and wanted not in names:
            yield Finding(
                Reason.NO_STORAGE_CLASS,
                f"{field} asks for the StorageClass {wanted}, which does not exist. Make it: "
                "the volume is waiting for it.",
            )
        elif not wanted and not default:
            yield Finding(
                Reason.NO_STORAGE_CLASS,
                f"The cluster has no default StorageClass for the volume of {component}. Annotate "
                "one with storageclass.kubernetes.io/is-default-class=true, or make the vault "
                f"anew with {field}.storageClassName.",
            )


def _kinds(vault: MedicalVault, world: World) -> Iterator[Finding]:
    entrance, monitoring = vault.spec.entrance, vault.spec.monitoring
    if monitoring.service_monitor == "enabled" and SERVICE_MONITOR not in world.served:
        yield Finding(
            Reason.KIND_MISSING,
            "spec.monitoring.serviceMonitor is enabled, and the cluster does not know "
            "ServiceMonitor. Install Prometheus' operator, or set it to auto.",
        )
    if entrance and entrance.http_route and HTTP_ROUTE not in world.served:
        yield Finding(
            Reason.KIND_MISSING,
            "spec.entrance.httpRoute is set, and the cluster does not know HTTPRoute. Install the "
            "Gateway API, or use spec.entrance.ingress.",
        )
    tls = entrance and entrance.ingress and entrance.ingress.tls
    if tls and tls.issuer_ref and CERTIFICATE not in world.served:
        yield Finding(
            Reason.KIND_MISSING,
            "spec.entrance.ingress.tls.issuerRef is set, and the cluster does not know "
            "Certificate. Install cert-manager, or name a certificate in tls.secretName.",
        )
