"""Pods and Jobs that can't go on, and what to do about it."""

from collections.abc import Iterable, Iterator

from medvault_operator.api.conditions import Reason
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.capabilities.conditions.finding import Finding, Rank
from medvault_operator.capabilities.decision import Decision
from medvault_operator.capabilities.rollout import Rollout
from medvault_operator.capabilities.termination import termination
from medvault_operator.vault import workloads
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.vault.components import SERVICES, Component
from medvault_operator.vault.division import files_now
from medvault_operator.vault.interface import PREFIX, PROBE_PORT, READINESS
from medvault_operator.world.pods import Trouble
from medvault_operator.world.world import World

_REASONS = {
    "ImagePullBackOff": Reason.IMAGE_PULL_FAILED,
    "ErrImagePull": Reason.IMAGE_PULL_FAILED,
    "ErrImageNeverPull": Reason.IMAGE_PULL_FAILED,
    "InvalidImageName": Reason.IMAGE_PULL_FAILED,
    "Unschedulable": Reason.UNSCHEDULABLE,
    "NotReady": Reason.NOT_READY,
}
"""Reasons for the kubelet's and the scheduler's words; with any other a container does not run."""

_JOBS = (Component.MIGRATE, Component.CONTRACT)
_LONGEST = 400
_SILENT = "it ended without a message"


def troubles(blueprint: Blueprint, world: World, rollout: Rollout) -> Decision:
    """Find each, with its own words where it left any."""
    found = (*_failed_jobs(blueprint, world, rollout), *_pods(blueprint, world))
    return Decision(findings=found)


def _pods(blueprint: Blueprint, world: World) -> Iterable[Finding]:
    """Return troubles of pods, each once for each component."""
    seen: dict[tuple[str, Reason], Finding] = {}
    for trouble in world.troubles:
        reason = _REASONS.get(trouble.reason, Reason.CRASHING)
        if trouble.component in _JOBS and reason is Reason.CRASHING:
            continue
        seen.setdefault(
            (trouble.component, reason),
            Finding(Rank.POD, reason, _message(blueprint, world, trouble, reason)),
        )
    return seen.values()


def _failed_jobs(blueprint: Blueprint, world: World, rollout: Rollout) -> Iterator[Finding]:
    for name in rollout.jobs.names:
        if workloads.stumbled(world.children.get(("Job", name))):
            said = termination(world.terminations.get(name, "")).error
            said = _in_terms_of_secrets(blueprint, world, Component.MIGRATE, said)
            yield Finding(
                Rank.JOB,
                Reason.MIGRATION_FAILED,
                f"The Job {name} failed: {said or _SILENT}. It is tried again by itself, at once "
                f"after a change of the Secret. Its log: "
                f"kubectl -n {blueprint.vault.namespace} logs job/{name}",
            )


def _message(blueprint: Blueprint, world: World, trouble: Trouble, reason: Reason) -> str:
    vault = blueprint.vault
    part, pod, where = trouble.component, trouble.pod, f"kubectl -n {vault.namespace}"
    said = termination(trouble.message).error or trouble.message
    said = _in_terms_of_secrets(blueprint, world, part, said)[:_LONGEST].rstrip(". ") or _SILENT
    match reason:
        case Reason.IMAGE_PULL_FAILED:
            return (
                f"The image of {part} can't be had: {said}. Check {_image_field(part)}, and "
                "spec.imagePullSecrets if the registry asks for them."
            )
        case Reason.UNSCHEDULABLE:
            return (
                f"No node takes a pod of {part}: {said}. Add nodes, ask for less in its "
                f"resources, or loosen spec.topology. More: {where} describe pod {pod}"
            )
        case Reason.NOT_READY:
            return f"A pod of {part} runs and is not ready: {_look(vault, part, pod)}"
    return (
        f"{part} does not run ({trouble.reason}): {said}. "
        f"More: {where} logs {pod} --previous, {where} describe pod {pod}"
    )


def _look(vault: MedicalVault, part: str, pod: str) -> str:
    """Return how to see which dependency a process misses."""
    if part not in SERVICES:
        return f"see kubectl -n {vault.namespace} logs {pod}"
    place = f"/api/v1/namespaces/{vault.namespace}/pods/{pod}:{PROBE_PORT}/proxy{READINESS}"
    return (
        f"one of its dependencies does not let it in. Which one: kubectl get --raw {place}. Check "
        "the URL and the password in its Secret; pods follow a change by themselves."
    )


def _image_field(part: str) -> str:
    of_services = part in (*SERVICES, *_JOBS)
    return "spec.image" if of_services else f"spec.{part}.managed.image"


def _in_terms_of_secrets(blueprint: Blueprint, world: World, part: str, said: str) -> str:
    """Name the key of the Secret where a process named its setting."""
    files = files_now(blueprint, world, Component(part))
    for setting in sorted(files, key=len, reverse=True):
        file = files[setting]
        key = f"{file.key} in the Secret {file.secret}"
        for variable in (f"{PREFIX}{setting.upper()}_FILE", f"{PREFIX}{setting.upper()}"):
            said = said.replace(variable, key)
    return said
