"""Every pod is killed once while patients write, and an independent checker judges what is left."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from chaos.checker.check import check
from chaos.cluster import deployed
from chaos.deployment import Deployment
from chaos.plan import Plan
from chaos.recovery import figures as recoveries
from chaos.report import Report
from chaos.storm import Storm
from support.cluster.site import Clinic
from support.cluster.target import Say

pytestmark = pytest.mark.timeout(2400)
SEED, PATIENTS = 7, 12
SECONDS_EACH, MESSAGES_A_SECOND = 15, 2
JUDGED = ("sent", "effects", "lost", "doubled", "inverted", "missing", "unfinished")


def weather(deployment: Deployment, say: Say) -> Report:
    """Kill every pod once, in random order, while patients write."""
    count = len(deployment.components)
    plan = Plan(
        seed=SEED,
        messages=count * SECONDS_EACH * MESSAGES_A_SECOND,
        kills=count,
        freezes=0,
        storm=count * SECONDS_EACH,
        patients=PATIENTS,
        kinds=tuple(component.kind for component in deployment.components),
    )
    say(f"Killing {count} pods while {PATIENTS} patients write, in {plan.storm} s.")
    with ThreadPoolExecutor(count) as threads:
        weathered = asyncio.run(Storm(plan, deployment, threads, say).weather())
    return Report(plan, weathered, check(deployment.sources()))


def test_nothing_is_lost_doubled_or_inverted_while_every_pod_is_killed_once(
    clinic: Clinic, say: Say, figures: Callable[..., None]
) -> None:
    deployment = deployed(clinic)
    report = weather(deployment, say)
    found, all_recoveries = report.as_json(), recoveries(report.weathered.outages)["all"]
    figures(
        **{name: found[name] for name in JUDGED},
        kills=found["kills"],
        wrong_bytes=found["wrong_bytes"],
        filed=found["patients"]["filed"],
        fetched=found["patients"]["fetched"],
        recovery_s={name: all_recoveries[name] for name in ("p50", "max")},
    )
    assert report.violations == []
    struck = {outage.component for outage in report.weathered.outages}
    assert struck == {component.name for component in deployment.components}
    assert report.weathered.diary.filed > 0
