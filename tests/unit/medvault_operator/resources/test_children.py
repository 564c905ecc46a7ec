"""All objects of a vault together."""

from collections import Counter

import pytest

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.vault.components import SERVICES, managed
from medvault_operator.vault.labels import SECRETS
from medvault_operator.vault.release import Release
from medvault_operator.world.cluster import SERVICE_MONITOR
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.secrets import Secret
from support.medical_vaults import EXTERNAL, LARGE, MANAGED, VAULTS, vault
from support.worlds import IMAGE, children, furnished, job_names, pod_templates

NEXT = "ghcr.io/medvault/services:0.2.0"


def kinds(manifests: list[Manifest]) -> Counter[str]:
    """How many of each kind."""
    return Counter(one["kind"] for one in manifests)


@pytest.mark.parametrize("given", VAULTS.values(), ids=VAULTS)
def test_a_vault_has_its_processes_and_the_dependencies_it_asks_for(given: MedicalVault) -> None:
    found = kinds(children(given))
    assert found["Deployment"] == 4
    assert found["StatefulSet"] == len(managed(given))
    assert found["Service"] == 4 + len(managed(given))
    assert found["Job"] == 2
    assert found["PodDisruptionBudget"] == 4


def test_before_the_first_migration_no_process_runs() -> None:
    before = Release(IMAGE, migrate=True, deploy=None, contract=False)
    found = children(vault(EXTERNAL), before)
    assert kinds(found)["Deployment"] == 0
    assert [one["spec"]["template"]["spec"]["containers"][0]["args"] for one in of_jobs(found)] == [
        ["migrate"]
    ]


def test_while_an_image_migrates_the_one_before_runs() -> None:
    during = Release(NEXT, migrate=True, deploy=IMAGE, contract=False)
    pods = pod_templates(children(vault(EXTERNAL), during))
    images = {name: pod["spec"]["containers"][0]["image"] for name, pod in pods.items()}
    assert {images[f"clinic-{component}"] for component in SERVICES} == {IMAGE}
    assert [image for name, image in images.items() if "migrate" in name] == [NEXT]


def of_jobs(manifests: list[Manifest]) -> list[Manifest]:
    """The Jobs."""
    return [one for one in manifests if one["kind"] == "Job"]


def test_jobs_are_applied_before_what_waits_for_them_and_after_what_they_need() -> None:
    order = [one["kind"] for one in children(vault(MANAGED))]
    assert order.index("StatefulSet") < order.index("Job") < order.index("Deployment")
    assert order[-1] != "Deployment"
    assert order.index("NetworkPolicy") < order.index("StatefulSet")


def test_a_job_has_another_name_where_it_does_something_else() -> None:
    given = vault(EXTERNAL)
    world = furnished(given)
    migrate, contract = job_names(given, world)
    assert job_names(given, world) == (migrate, contract)
    assert job_names(given, world, NEXT)[0] != migrate
    moved = vault({**EXTERNAL, "database": {"external": {"secretRef": {"name": "other"}}}})
    assert job_names(moved, furnished(moved))[0] != migrate
    assert migrate != contract


def test_jobs_are_called_what_their_names_say() -> None:
    given = vault(EXTERNAL)
    made = [one["metadata"]["name"] for one in of_jobs(children(given))]
    assert made == [*job_names(given, furnished(given))]


def test_an_edited_secret_replaces_the_pods_that_read_it_and_no_others() -> None:
    given = vault(EXTERNAL)
    before = pod_templates(children(given))
    world = furnished(given)
    edited = {**world.secrets, "s3": Secret(world.secrets["s3"].keys, "2")}
    after = pod_templates(children(given, secrets=edited))
    changed = {
        name
        for name, pod in before.items()
        if name in after
        and pod["metadata"]["annotations"][SECRETS]
        != after[name]["metadata"]["annotations"][SECRETS]
    }
    assert changed == {"clinic-media"}


def test_replicas_are_the_least_that_shall_run() -> None:
    found = {
        one["metadata"]["name"]: one["spec"]["replicas"]
        for one in children(vault(LARGE))
        if one["kind"] == "Deployment"
    }
    assert found == {
        "clinic-api": 6,
        "clinic-inbound": 4,
        "clinic-media": 4,
        "clinic-outbound": 4,
    }


def test_a_pod_is_taken_away_only_after_another_is_ready() -> None:
    for one in children(vault(LARGE)):
        if one["kind"] == "Deployment":
            assert one["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


def test_graceful_ends_last_longer_than_the_longest_task() -> None:
    pods = pod_templates(children(vault(EXTERNAL)))
    grace = {
        component: pods[f"clinic-{component}"]["spec"]["terminationGracePeriodSeconds"]
        for component in SERVICES
    }
    assert grace == {"api": 30, "inbound": 30, "media": 1020, "outbound": 30}


def test_a_process_of_which_one_runs_has_no_budget() -> None:
    given = vault({**EXTERNAL, "api": {"replicas": {"min": 1}}})
    budgets = [
        one["metadata"]["name"] for one in children(given) if one["kind"] == "PodDisruptionBudget"
    ]
    assert budgets == ["clinic-inbound", "clinic-media", "clinic-outbound"]


@pytest.mark.parametrize(
    ("choice", "served", "count"),
    [("auto", True, 1), ("auto", False, 0), ("disabled", True, 0), ("enabled", False, 0)],
)
def test_a_service_monitor_is_made_where_it_can_be(choice: str, served: bool, count: int) -> None:
    given = vault({**EXTERNAL, "monitoring": {"serviceMonitor": choice}})
    known = frozenset({SERVICE_MONITOR} if served else ())
    assert kinds(children(given, served=known))["ServiceMonitor"] == count


def test_a_service_monitor_finds_every_process() -> None:
    made = children(vault(LARGE))
    (monitor,) = [one for one in made if one["kind"] == "ServiceMonitor"]
    assert monitor["metadata"]["labels"]["release"] == "prometheus"
    (expression,) = monitor["spec"]["selector"]["matchExpressions"]
    (endpoint,) = monitor["spec"]["endpoints"]
    hit = {
        one["metadata"]["name"]
        for one in made
        if one["kind"] == "Service"
        and one["metadata"]["labels"][expression["key"]] in expression["values"]
        and endpoint["port"] in {port["name"] for port in one["spec"]["ports"]}
    }
    assert hit == {f"clinic-{component}" for component in SERVICES}


def test_labels_of_ones_own_leave_the_operators_alone() -> None:
    mine = {"app.kubernetes.io/instance": "mine", "team": "records"}
    given = vault({**EXTERNAL, "monitoring": {"labels": mine}})
    (monitor,) = [one for one in children(given) if one["kind"] == "ServiceMonitor"]
    assert monitor["metadata"]["labels"]["app.kubernetes.io/instance"] == "clinic"
    assert monitor["metadata"]["labels"]["team"] == "records"


def test_the_account_carries_the_clouds_identity_and_no_token() -> None:
    (account,) = [one for one in children(vault(LARGE)) if one["kind"] == "ServiceAccount"]
    assert account["metadata"]["annotations"] == LARGE["serviceAccountAnnotations"]
    assert account["automountServiceAccountToken"] is False
