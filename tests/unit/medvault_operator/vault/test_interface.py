"""The facts on which operator and services must agree, read from both."""

import re
from base64 import b64encode
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import urllib3

from medvault import settings as services
from medvault.adapters.amqp import topology
from medvault.adapters.postgres import rights
from medvault.adapters.s3 import admission
from medvault.api.health import health
from medvault.api.webhook import PATH
from medvault.cli.migration import _WITHOUT
from medvault.cli.termination import VARIABLE
from medvault.observability.health import Readiness
from medvault.observability.probes import ProbeServer
from medvault.settings import NEEDED, Settings, is_secret
from medvault_operator.api.v1alpha1.vault import MedicalVault, VaultSpec
from medvault_operator.api.v1alpha1.whatsapp import WhatsApp
from medvault_operator.api.v1alpha1.workloads import Media
from medvault_operator.capabilities import store
from medvault_operator.resources.settings import FOLDER, environment
from medvault_operator.vault import interface
from medvault_operator.vault.components import Component
from medvault_operator.vault.credentials import Credentials
from medvault_operator.vault.grants import QUEUES, ROLES, STORE
from medvault_operator.vault.interface import CONTRACT, MIGRATE, RUNNING, Process
from medvault_operator.vault.secret_files import Files
from medvault_operator.world.secrets import Secret
from support.medical_vaults import EXTERNAL, LARGE, VAULTS, vault
from support.worlds import blueprint, children, containers, divided, furnished, pod_templates

PROCESSES = {" ".join(process.arguments): process for process in (*RUNNING, MIGRATE, CONTRACT)}
SAMPLES = {
    "database_url": "postgresql://medvault:secret@db.example/medvault",
    "database_owner_url": "postgresql://owner:secret@db.example/medvault",
    "database_replica_url": "postgresql://medvault:secret@replica.example/medvault",
    "broker_url": "amqps://medvault:secret@mq.example/%2F",
    "cache_url": "redis://:secret@cache.example:6379/0",
}
KEY = b64encode(bytes(32)).decode()
KINDS = ("startup", "liveness", "readiness")


def sample(setting: str) -> str:
    """A value that a file may hold; logins of single processes are like those of all."""
    server = setting.split("_", maxsplit=1)[0]
    return SAMPLES.get(setting) or (SAMPLES[f"{server}_url"] if setting.endswith("_url") else KEY)


def command(process: Process) -> str:
    """The name of a process in the services' settings."""
    return process.arguments[-1] if process.arguments[0] == "worker" else process.arguments[0]


def files(given: MedicalVault, process: Process) -> Files:
    """Where a process's secrets come from, where each has its own logins."""
    return blueprint(given, divided(given)).files.of_process(process.component)


def variables(given: MedicalVault, process: Process) -> dict[str, str]:
    """A process's environment."""
    plan = blueprint(given, divided(given))
    made = environment(plan, process, plan.files.of_process(process.component))
    return {one["name"]: one["value"] for one in made}


@pytest.mark.parametrize("given", VAULTS.values(), ids=VAULTS)
@pytest.mark.parametrize("process", PROCESSES.values(), ids=PROCESSES)
def test_a_process_accepts_what_it_is_told(
    given: MedicalVault, process: Process, tmp_path: Path
) -> None:
    told = variables(given, process)
    for setting, file in files(given, process).items():
        place = tmp_path / file.path
        place.parent.mkdir(exist_ok=True)
        place.write_text(sample(setting))
    here = {name: value.replace(FOLDER, str(tmp_path)) for name, value in told.items()}
    settings = services.load(command(process), here)
    assert settings.model_fields_set == {
        name.removeprefix(services.PREFIX).removesuffix("_FILE").lower() for name in told
    }


@pytest.mark.parametrize("process", PROCESSES.values(), ids=PROCESSES)
def test_a_process_gets_all_it_needs_and_only_what_exists(process: Process) -> None:
    assert set(process.settings) <= Settings.model_fields.keys()
    assert set(NEEDED[command(process)]) <= set(process.settings)


@pytest.mark.parametrize("given", VAULTS.values(), ids=VAULTS)
def test_secrets_are_files_and_nothing_else_is(given: MedicalVault) -> None:
    for process in PROCESSES.values():
        told = variables(given, process)
        found = {name for name, value in told.items() if value.startswith(FOLDER)}
        assert found == {
            f"{services.PREFIX}{name.upper()}_FILE"
            for name in process.settings
            if is_secret(Settings.model_fields[name]) and name in files(given, process)
        }


@pytest.mark.parametrize("given", VAULTS.values(), ids=VAULTS)
def test_every_mounted_key_is_one_that_its_secret_must_have(given: MedicalVault) -> None:
    contract = {one.name: set(one.keys) for one in Credentials.of(given).needed}
    for pod in pod_templates(children(given)).values():
        for volume in pod["spec"]["volumes"]:
            for source in volume.get("projected", {}).get("sources", ()):
                if secret := source.get("secret"):
                    keys = {item["key"] for item in secret["items"]}
                    assert keys <= contract[secret["name"]]
            if secret := volume.get("secret"):
                keys = {item["key"] for item in secret["items"]}
                assert keys <= contract[secret["secretName"]]


def test_no_secret_stands_in_the_environment_of_a_process() -> None:
    for given in VAULTS.values():
        for name, pod in pod_templates(children(given)).items():
            taken = [
                one["name"]
                for container in containers(pod)
                for one in container.get("env", ())
                if "valueFrom" in one
            ]
            assert taken == [] or name.endswith("-storage")


def test_a_replica_is_read_where_the_secret_names_one() -> None:
    given = vault(EXTERNAL)
    world = furnished(given)
    more = Secret(world.secrets["postgres"].keys | {"replica-url"}, "1")
    richer = replace(world, secrets={**world.secrets, "postgres": more})
    plan = blueprint(given, richer)
    told = environment(plan, interface.MEDIA, plan.files.of_process(Component.MEDIA))
    names = {one["name"] for one in told}
    assert "MEDVAULT_DATABASE_REPLICA_URL_FILE" in names
    assert "MEDVAULT_DATABASE_REPLICA_URL_FILE" not in variables(given, interface.MEDIA)


def test_a_stores_private_authority_is_read_where_the_secret_has_it() -> None:
    given = vault(EXTERNAL)
    world = furnished(given)
    more = Secret(world.secrets["s3"].keys | {"ca.crt"}, "1")
    richer = replace(world, secrets={**world.secrets, "s3": more})
    for process in (interface.MEDIA, MIGRATE):
        plan = blueprint(given, richer)
        told = environment(plan, process, plan.files.of_process(process.component))
        found = {one["name"]: one["value"] for one in told}
        assert found["MEDVAULT_S3_CA_FILE"].endswith("/s3/ca.crt")
        assert "MEDVAULT_S3_CA_FILE" not in variables(given, process)


def test_earlier_numbers_are_told_to_whom_webhooks_come() -> None:
    numbers = [
        {"phoneNumberId": "106540352242921", "leftOn": "2026-11-30"},
        {"phoneNumberId": "106540352242920", "leftOn": "2026-12-01"},
    ]
    given = vault(EXTERNAL | {"whatsapp": EXTERNAL["whatsapp"] | {"earlierNumbers": numbers}})
    name = "MEDVAULT_WHATSAPP_EARLIER_PHONE_NUMBER_IDS"
    for process in (interface.API, interface.INBOUND):
        assert services.earlier_numbers(variables(given, process)[name]) == {
            "106540352242921": date(2026, 12, 30),
            "106540352242920": date(2026, 12, 31),
        }
    assert name not in variables(given, interface.OUTBOUND)
    assert name not in variables(vault(EXTERNAL), interface.API)


@pytest.mark.parametrize(
    "wrong", ["1", "1=", "1=30.11.2026", "=2026-11-30", "a=2026-11-30", "1=9999-12-31", "1=2=3"]
)
def test_a_list_of_earlier_numbers_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="106540352242922=2026-11-30"):
        services.earlier_numbers(wrong)


def test_the_rights_at_the_servers_are_those_that_the_services_need() -> None:
    assert set(ROLES.values()) == set(rights.PROCESSES)
    assert (*admission.ON_BUCKET, *admission.ON_OBJECTS) == STORE[Component.MEDIA]
    for process, may in QUEUES.items():
        read = {one.name for one in topology.declarations("medvault.", topology.READ_BY[process])}
        known = {one.name for one in topology.declarations(topology.DEFAULT_PREFIX)}
        assert {name for name in known if re.search(may.read, name)} == read
        assert {name for name in known if re.search(may.configure, name)} == read
        assert not {name for name in known if re.search(may.write, name)}


def test_metrics_have_a_port_of_their_own_and_each_service_names_it() -> None:
    for made in children(vault(EXTERNAL)):
        if made["kind"] == "Service":
            (probes,) = (one for one in made["spec"]["ports"] if one["name"] == "probes")
            assert probes["port"] == interface.PROBE_PORT
    api = pod_templates(children(vault(EXTERNAL)))["clinic-api"]["spec"]["containers"][0]
    ports = {one["name"]: one["containerPort"] for one in api["ports"]}
    assert ports == {"http": interface.API_PORT, "probes": interface.PROBE_PORT}
    # A pod of an older image has nothing on the other port.
    assert {api[f"{kind}Probe"]["httpGet"]["port"] for kind in KINDS} == {"http"}


def test_a_cloud_identity_needs_no_keys_of_the_store() -> None:
    told = variables(vault(LARGE), interface.MEDIA)
    assert [name for name in told if "ACCESS_KEY" in name or "SECRET_KEY" in name] == []


def test_paths_and_ports_are_the_services_own() -> None:
    assert interface.WEBHOOK == PATH
    assert Settings.model_fields["port"].default == interface.API_PORT
    assert Settings.model_fields["probe_port"].default == interface.PROBE_PORT
    served = {getattr(route, "path", "") for route in health(Readiness({})).routes}
    assert served == {interface.LIVENESS, interface.READINESS}


@pytest.mark.parametrize("path", [interface.LIVENESS, interface.READINESS, interface.METRICS])
def test_a_worker_answers_on_every_path_that_is_asked(path: str) -> None:
    server = ProbeServer("127.0.0.1", 0, Readiness({}))
    server.start()
    try:
        answer = urllib3.request("GET", f"http://127.0.0.1:{server.port}{path}", timeout=5)
    finally:
        server.stop()
    assert answer.status == 200


def test_the_termination_log_is_where_the_kubelet_looks() -> None:
    for process in PROCESSES.values():
        assert variables(vault(EXTERNAL), process)[VARIABLE] == "/dev/termination-log"


def test_defaults_of_the_spec_are_the_services_own() -> None:
    of_services = {name: field.default for name, field in Settings.model_fields.items()}
    assert WhatsApp.model_fields["base_url"].default == of_services["whatsapp_base_url"]
    assert (
        WhatsApp.model_fields["messages_per_second"].default
        == of_services["whatsapp_messages_per_second"]
    )
    assert Media.model_fields["threads"].default == of_services["media_threads"]
    assert VaultSpec.model_fields["timezone"].default == of_services["timezone"]
    assert VaultSpec.model_fields["date_order"].default == of_services["date_order"]


def test_the_status_has_words_for_all_that_a_store_may_lack() -> None:
    assert store._LACKS.keys() == _WITHOUT.keys()
