"""Autoscalers: for which processes, by which figures, and what the vault says of them."""

from dataclasses import replace
from typing import Any

import pytest

from medvault_operator.api.conditions import Reason
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.capabilities.conditions.scaling_active import scaling_active
from medvault_operator.capabilities.decision import Decision
from medvault_operator.capabilities.rollout import Rollout
from medvault_operator.capabilities.whole import decide
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.vault.components import Component
from medvault_operator.world.children import key_of
from medvault_operator.world.cluster import SCALED_OBJECT
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.world import World
from support.medical_vaults import EXTERNAL, Body, vault
from support.worlds import blueprint, decided, deployment, holding, running

OURS, OTHERS = "medvault-system/medvault-operator-external-metrics", "keda/keda-metrics"
AUTOSCALER, KEDA = "HorizontalPodAutoscaler", "ScaledObject"
BOUNDS = {"min": 2, "max": 10}
SCALED: Body = {
    **EXTERNAL,
    "api": {"replicas": BOUNDS},
    "workers": {name: {"replicas": BOUNDS} for name in ("inbound", "media", "outbound")},
}


def given(provider: str = "auto", **media: Any) -> MedicalVault:
    workers = {**SCALED["workers"], "media": {"replicas": {**BOUNDS, **media}}}
    return vault({**SCALED, "workers": workers, "scaling": {"provider": provider}})


def cluster(vault: MedicalVault, *, keda: bool = False, metrics: str = "", **facts: Any) -> World:
    """One where all processes run, and external metrics come from a Service."""
    served = frozenset({SCALED_OBJECT}) if keda else frozenset()
    return replace(running(vault), served=served, external_metrics=metrics, **facts)


def plan(vault: MedicalVault, world: World) -> Blueprint:
    return replace(blueprint(vault, world), external_metrics=OURS)


def decision(vault: MedicalVault, world: World) -> Decision:
    known = plan(vault, world)
    return decide(known, world, Rollout.of(known, world))


def made(decided: Decision, kind: str) -> dict[str, Manifest]:
    return {one["metadata"]["name"]: one for one in decided.objects if one["kind"] == kind}


def wants(decided: Decision) -> dict[str, Any]:
    """The replicas that each Deployment asks for, None where it leaves them to somebody else."""
    return {name: one["spec"].get("replicas") for name, one in made(decided, "Deployment").items()}


def shown(autoscaler: Manifest, **conditions: str) -> Manifest:
    """An autoscaler as the cluster shows it once its controller has looked at it."""
    told = [
        {"type": name, "status": status, "reason": "TooManyReplicas", "message": "so it is"}
        for name, status in conditions.items()
    ]
    return {**autoscaler, "status": {"conditions": told}}


def scaled(world: World, decided: Decision, kind: str = AUTOSCALER, **conditions: str) -> World:
    return holding(world, *(shown(one, **conditions) for one in made(decided, kind).values()))


def test_without_a_max_nothing_is_scaled() -> None:
    plain = vault(EXTERNAL)
    found = decision(plain, cluster(plain, keda=True))
    assert not made(found, AUTOSCALER) | made(found, KEDA)
    assert set(wants(found).values()) == {2}
    said = scaling_active(plan(plain, running(plain)), running(plain))
    assert (said.status, said.reason) == ("False", Reason.FIXED)


def test_the_builtin_scales_workers_by_their_queue_and_the_api_by_its_cpu() -> None:
    vault = given()
    found = made(decision(vault, cluster(vault, metrics=OURS)), AUTOSCALER)
    assert set(found) == {"clinic-api", "clinic-inbound", "clinic-media", "clinic-outbound"}
    (cpu,) = found["clinic-api"]["spec"]["metrics"]
    assert cpu["resource"] == {
        "name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70},
    }  # fmt: skip
    (queue,) = found["clinic-media"]["spec"]["metrics"]
    assert queue["external"] == {
        "metric": {
            "name": "medvault_work",
            "selector": {"matchLabels": {"vault": "clinic", "queue": "media"}},
        },
        "target": {"type": "AverageValue", "averageValue": "8"},
    }
    for name, one in found.items():
        assert one["spec"]["scaleTargetRef"]["name"] == name
        assert (one["spec"]["minReplicas"], one["spec"]["maxReplicas"]) == (2, 10)


def test_keda_gets_the_same_figures_without_any_credential() -> None:
    vault = given()
    found = decision(vault, cluster(vault, keda=True, metrics=OURS))
    assert set(made(found, AUTOSCALER)) == {"clinic-api"}
    objects = made(found, KEDA)
    assert set(objects) == {"clinic-inbound", "clinic-media", "clinic-outbound"}
    (trigger,) = objects["clinic-media"]["spec"]["triggers"]
    assert trigger == {
        "type": "metrics-api",
        "metricType": "AverageValue",
        "metadata": {
            "url": "http://clinic-inbound.clinics.svc:9000/waiting",
            "valueLocation": "queues.media.depth",
            "targetValue": "8",
        },
    }


def test_replicas_are_the_autoscalers_as_soon_as_it_is_there() -> None:
    vault = given()
    world = cluster(vault, metrics=OURS)
    before = decision(vault, world)
    assert set(wants(before).values()) == {2}
    assert set(wants(decision(vault, scaled(world, before))).values()) == {None}


@pytest.mark.parametrize(("provider", "stay"), [("auto", 7), ("none", 2)])
def test_where_the_scaler_is_lost_replicas_stay_unless_nobody_is_wanted(
    provider: str, stay: int
) -> None:
    vault = given(provider)
    grown = deployment(vault, Component.MEDIA)
    grown["spec"]["replicas"] = 7
    found = decision(vault, holding(cluster(vault), grown))
    assert wants(found)["clinic-media"] == stay
    assert wants(found)["clinic-inbound"] == 2


def test_who_scaled_before_goes_before_the_next_one_comes() -> None:
    vault = given()
    world = cluster(vault, metrics=OURS)
    before = decision(vault, world)
    grown = replace(scaled(world, before), served=frozenset({SCALED_OBJECT}))
    after = decision(vault, grown)
    workers = {(AUTOSCALER, f"clinic-{name}") for name in ("inbound", "media", "outbound")}
    assert set(after.again) == workers
    assert not workers & {key_of(one) for one in after.objects}


@pytest.mark.parametrize(
    ("provider", "facts", "least", "reason"),
    [
        ("keda", {"keda": True}, 0, Reason.SCALING),
        ("builtin", {"metrics": OURS, "version": (1, 37)}, 0, Reason.SCALING),
        ("builtin", {"metrics": OURS, "version": (1, 36)}, 1, Reason.NOT_TO_ZERO),
    ],
)
def test_none_runs_only_where_somebody_can_start_the_first_one_again(
    provider: str, facts: dict[str, Any], least: int, reason: Reason
) -> None:
    vault = given(provider, min=0)
    world = cluster(vault, **facts)
    found = decision(vault, world)
    kind, field = (KEDA, "minReplicaCount") if provider == "keda" else (AUTOSCALER, "minReplicas")
    assert made(found, kind)["clinic-media"]["spec"][field] == least
    seen = scaled(scaled(world, found, ScalingActive="True"), found, KEDA, Ready="True")
    said = scaling_active(plan(vault, world), seen)
    assert (said.status, said.reason) == ("True", reason)


@pytest.mark.parametrize(
    ("provider", "facts", "reason", "words"),
    [
        ("auto", {}, Reason.NO_METRICS, "Install KEDA"),
        ("auto", {"metrics": OTHERS}, Reason.NO_METRICS, "Install KEDA"),
        ("builtin", {}, Reason.NO_METRICS, "Install KEDA"),
        ("builtin", {"metrics": OTHERS}, Reason.METRICS_OF_ANOTHER, OTHERS),
        ("keda", {"metrics": OURS}, Reason.NO_METRICS, "no KEDA"),
        ("none", {"metrics": OURS}, Reason.FIXED, "provider is none"),
        ("builtin", {"metrics": OURS}, Reason.STARTING, "api, inbound, media, outbound"),
    ],
)
def test_a_vault_that_is_not_scaled_says_why(
    provider: str, facts: dict[str, Any], reason: Reason, words: str
) -> None:
    vault = given(provider)
    said = scaling_active(plan(vault, running(vault)), cluster(vault, **facts))
    assert said.status != "True"
    assert said.reason is reason
    assert words in said.message


@pytest.mark.parametrize(
    ("conditions", "status", "reason"),
    [
        ({"ScalingActive": "True"}, "True", Reason.SCALING),
        ({"ScalingActive": "False"}, "False", Reason.METRICS_LOST),
        ({"ScalingActive": "True", "ScalingLimited": "True"}, "True", Reason.AT_MAXIMUM),
    ],
)
def test_a_vault_says_what_its_autoscalers_say(
    conditions: dict[str, str], status: str, reason: Reason
) -> None:
    vault = given("builtin")
    world = cluster(vault, metrics=OURS)
    seen = scaled(world, decision(vault, world), **conditions)
    said = scaling_active(plan(vault, world), seen)
    assert (said.status, said.reason) == (status, reason)


def test_a_process_that_is_scaled_to_none_is_not_away() -> None:
    vault = given("keda", min=0)
    asleep = deployment(vault, Component.MEDIA)
    asleep["spec"]["replicas"] = asleep["status"]["readyReplicas"] = 0
    world = holding(cluster(vault, keda=True), asleep)
    available = {one.value: told for one, told in decided(vault, world).conditions.items()}
    assert available["Available"].status == "True"
