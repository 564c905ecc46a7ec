"""The servers that the operator runs itself."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from medvault_operator.resources.quantities import in_bytes
from medvault_operator.resources.scanner import LIMITS
from medvault_operator.vault.components import managed, volumes
from medvault_operator.world.manifest import Manifest
from support.medical_vaults import MANAGED, ROUTED, vault
from support.worlds import children, containers

PUBLIC = {
    "clinic-database": ("postgres:17", 999),
    "clinic-broker": ("rabbitmq:4.0-management", 999),
    "clinic-cache": ("valkey/valkey:8.1", 999),
    "clinic-storage": ("versity/versitygw:v1.8.0", 65532),
    "clinic-scanner": ("clamav/clamav:1.5", 100),
}


def sets(spec: dict[str, Any]) -> dict[str, Manifest]:
    """The StatefulSets' specs by name."""
    return {
        one["metadata"]["name"]: one["spec"]
        for one in children(vault(spec))
        if one["kind"] == "StatefulSet"
    }


def config(spec: dict[str, Any], name: str, file: str) -> list[str]:
    """The lines of a file in a ConfigMap."""
    (found,) = [
        one["data"][file]
        for one in children(vault(spec))
        if (one["kind"], one["metadata"]["name"]) == ("ConfigMap", name)
    ]
    return str(found).splitlines()


def environment(container: Manifest) -> dict[str, str]:
    """The plain variables of a container."""
    return {one["name"]: one.get("value", "") for one in container["env"]}


def test_public_images_run_as_the_users_they_were_made_for() -> None:
    found = {
        name: (
            one["template"]["spec"]["containers"][0]["image"],
            one["template"]["spec"]["securityContext"]["runAsUser"],
        )
        for name, one in sets(ROUTED).items()
    }
    assert found == PUBLIC


def test_another_image_can_be_named() -> None:
    spec = {**MANAGED, "database": {"managed": {"image": "registry.clinic/postgres:16"}}}
    pod = sets(spec)["clinic-database"]["template"]["spec"]
    assert {one["image"] for one in containers({"spec": pod})} == {"registry.clinic/postgres:16"}


def test_each_is_a_single_instance_whose_volume_stays() -> None:
    given = vault(ROUTED)
    kept = {f"clinic-{component}" for component in volumes(given)}
    assert kept == {f"clinic-{one}" for one in managed(given)} - {"clinic-cache"}
    for name, spec in sets(ROUTED).items():
        assert spec["replicas"] == 1
        if name in kept:
            policy = spec["persistentVolumeClaimRetentionPolicy"]
            assert set(policy.values()) == {"Retain"}


def test_a_volume_is_made_as_the_spec_says() -> None:
    volume = {"size": "100Gi", "storageClassName": "fast"}
    found = sets({**MANAGED, "database": {"managed": {"storage": volume}}})
    (claim,) = found["clinic-database"]["volumeClaimTemplates"]
    assert claim["spec"]["resources"] == {"requests": {"storage": "100Gi"}}
    assert claim["spec"]["storageClassName"] == "fast"
    (other,) = found["clinic-broker"]["volumeClaimTemplates"]
    assert "storageClassName" not in other["spec"]


def test_the_database_keeps_its_data_below_the_volumes_root() -> None:
    container = sets(MANAGED)["clinic-database"]["template"]["spec"]["containers"][0]
    told = environment(container)
    (data,) = [one for one in container["volumeMounts"] if one["name"] == "data"]
    assert told["PGDATA"].startswith(f"{data['mountPath']}/")
    (secret,) = [one for one in container["volumeMounts"] if one["name"] == "credentials"]
    assert told["POSTGRES_PASSWORD_FILE"] == f"{secret['mountPath']}/password"


def test_the_brokers_cookie_is_on_no_volume_that_stays() -> None:
    container = sets(MANAGED)["clinic-broker"]["template"]["spec"]["containers"][0]
    places = {one["name"]: one["mountPath"] for one in container["volumeMounts"]}
    assert places["home"] == "/var/lib/rabbitmq"
    assert places["data"] == "/var/lib/rabbitmq/mnesia"


def test_the_broker_knows_its_limit() -> None:
    line = "total_memory_available_override_value = 1073741824"
    assert line in config(MANAGED, "clinic-broker", "settings.conf")
    unlimited = {**MANAGED, "broker": {"managed": {"resources": {"limits": {}}}}}
    assert not any("memory" in line for line in config(unlimited, "clinic-broker", "settings.conf"))


def test_a_pod_follows_a_change_of_its_configuration() -> None:
    more = {"limits": {"memory": "3Gi"}, "requests": {"cpu": "250m", "memory": "512Mi"}}
    changed = {**MANAGED, "broker": {"managed": {"resources": more}}}
    before, after = (sets(spec)["clinic-broker"]["template"] for spec in (MANAGED, changed))
    assert before["metadata"]["annotations"] != after["metadata"]["annotations"]
    same = [sets(spec)["clinic-scanner"]["template"] for spec in (MANAGED, changed)]
    assert same[0] == same[1]


def test_a_pod_that_can_not_start_is_replaced_once_the_spec_is_mended() -> None:
    assert {one["podManagementPolicy"] for one in sets(ROUTED).values()} == {"Parallel"}


def test_the_cache_stays_below_its_limit_and_off_the_disk() -> None:
    container = sets(ROUTED)["clinic-cache"]["template"]["spec"]["containers"][0]
    options = container["args"][2:]
    told = dict(zip(options[::2], options[1::2], strict=True))
    assert told["--save"] == ""
    assert told["--appendonly"] == "no"
    assert 0 < int(told["--maxmemory"]) < in_bytes("256Mi")


def test_the_scanner_refuses_what_it_can_not_look_into() -> None:
    lines = config(MANAGED, "clinic-scanner", "clamd.conf")
    assert {f"{name} {value}" for name, value in LIMITS.items()} <= set(lines)
    assert "AlertExceedsMax yes" in lines


def test_whoever_reaches_the_scanner_can_not_end_it() -> None:
    closed = config(MANAGED, "clinic-scanner", "clamd-closed.conf")
    commands = ("Shutdown", "Reload", "Stats")
    assert {f"Enable{one}Command no" for one in commands} <= set(closed)
    rest = [line for line in closed if not line.startswith("Enable")]
    assert rest == config(MANAGED, "clinic-scanner", "clamd.conf")


def test_an_image_that_does_not_know_the_words_starts_without_them_and_says_so(
    tmp_path: Path,
) -> None:
    (container,) = [
        one
        for one in sets(MANAGED)["clinic-scanner"]["template"]["spec"]["containers"]
        if one["name"] == "scanner"
    ]
    said = {known: started(container["command"], tmp_path, known=known) for known in (True, False)}
    assert said[True] == "--config-file=/etc/medvault/clamd-closed.conf\n"
    warning, options = said[False].splitlines()
    assert "older than 1.5" in warning
    assert options == "--config-file=/etc/medvault/clamd.conf"


def started(command: list[str], folder: Path, *, known: bool) -> str:
    """The output of a command with a clamd that knows the words that close it, or refuses them."""
    clamd = folder / "clamd"
    refusal = "true" if known else "case $1 in *closed*) exit 1;; esac"
    clamd.write_text(f'#!/bin/sh\n{refusal}\necho "$@"\n')
    clamd.chmod(0o755)
    found = {"PATH": f"{folder}:/usr/bin:/bin"}
    return subprocess.run(command, env=found, check=True, capture_output=True, text=True).stdout


def test_what_is_scanned_meets_no_disk() -> None:
    pod = sets(MANAGED)["clinic-scanner"]["template"]["spec"]
    (scans,) = [one for one in pod["volumes"] if one["name"] == "scans"]
    assert scans["emptyDir"]["medium"] == "Memory"
    assert "TemporaryDirectory /tmp" in config(MANAGED, "clinic-scanner", "clamd.conf")


def test_the_scanner_starts_with_the_images_signatures_and_updates_them() -> None:
    pod = sets(MANAGED)["clinic-scanner"]["template"]["spec"]
    assert [one["name"] for one in containers({"spec": pod})] == [
        "first-signatures",
        "scanner",
        "signatures",
    ]


@pytest.mark.parametrize(("updates", "left"), [(True, {"daily.cld"}), (False, {"main.cvd"})])
def test_signatures_that_were_fetched_are_kept_unless_only_the_image_is_renewed(
    updates: bool, left: set[str], tmp_path: Path
) -> None:
    fetched, image = tmp_path / "volume" / "database", tmp_path / "image"
    fetched.mkdir(parents=True)
    image.mkdir()
    (fetched / "daily.cld").touch()
    (image / "main.cvd").touch()
    bring_signatures(updates, tmp_path)
    assert {file.name for file in fetched.iterdir()} == left


@pytest.mark.parametrize("updates", [True, False])
def test_an_empty_volume_gets_the_images_signatures(updates: bool, tmp_path: Path) -> None:
    (tmp_path / "volume" / "lost+found").mkdir(parents=True)
    (tmp_path / "image").mkdir()
    (tmp_path / "image" / "main.cvd").touch()
    bring_signatures(updates, tmp_path)
    assert [one.name for one in (tmp_path / "volume" / "database").iterdir()] == ["main.cvd"]


def bring_signatures(updates: bool, folder: Path) -> None:
    """Run the pod's first container, with a folder in the volume's and the image's place."""
    spec = {**MANAGED, "scanner": {"managed": {"updateSignatures": updates}}}
    shell, option, script = containers(sets(spec)["clinic-scanner"]["template"])[0]["command"]
    here = script.replace("/var/lib/clamav", f"{folder}/image")
    here = here.replace("/signatures", f"{folder}/volume")
    subprocess.run([shell, option, here], check=True)


def test_without_updates_nothing_fetches_signatures() -> None:
    spec = {**MANAGED, "scanner": {"managed": {"updateSignatures": False}}}
    names = [one["name"] for one in containers(sets(spec)["clinic-scanner"]["template"])]
    assert names == ["first-signatures", "scanner"]


def test_what_of_a_stateful_set_can_not_change_does_not_follow_the_spec() -> None:
    spec = {**MANAGED, "scanner": {"managed": {"updateSignatures": False}}}
    before, after = sets(MANAGED)["clinic-scanner"], sets(spec)["clinic-scanner"]
    assert {name for name in before if before[name] != after[name]} == {"template"}


@pytest.mark.parametrize(
    ("quantity", "size"),
    [("512", 512), ("1k", 1000), ("1Ki", 1024), ("1.5Gi", 1610612736), ("2G", 2_000_000_000)],
)
def test_amounts_are_understood(quantity: str, size: int) -> None:
    assert in_bytes(quantity) == size


@pytest.mark.parametrize("quantity", ["", "Gi", "1 Gi", "1gb", "-1"])
def test_what_is_no_amount_is_refused(quantity: str) -> None:
    with pytest.raises(ValueError, match="is no amount"):
        in_bytes(quantity)
