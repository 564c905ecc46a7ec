"""The known results of vaults' checks, while the pods that are asked take their time."""

import threading

import pytest

from medvault_operator.observation.identity_checks import IdentityChecks
from medvault_operator.vault.name import VaultName
from medvault_operator.world.pods import IdentityCheck

CLINIC, PRACTICE = VaultName("clinics", "clinic"), VaultName("clinics", "practice")
PODS = ("10.0.0.1", "10.0.0.2")


class Pods:
    """Pods that answer when they are told to, each with the last word given."""

    def __init__(self) -> None:
        self.now = 0.0
        self.word = IdentityCheck.ON
        self.asked: list[str] = []
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.checks = IdentityChecks(self.answer, lambda: self.now)

    def answer(self, address: str) -> IdentityCheck:
        self.asked.append(address)
        assert self.may_answer.wait(10)
        return self.word

    def look(self, name: VaultName = CLINIC, *pods: str) -> IdentityCheck | None:
        """Look at a vault, and let what was asked by that be answered."""
        known = self.checks.known(name)
        if self.checks.due(name):
            self.checks.ask(name, pods or PODS)
        if self.may_answer.is_set():
            self.answered()
        return known

    def look_without_pods(self) -> IdentityCheck | None:
        """Look while no pod is ready."""
        if self.checks.due(CLINIC):
            self.checks.ask(CLINIC, ())
        return self.checks.known(CLINIC)

    def answered(self) -> None:
        for thread in threading.enumerate():
            if thread.name == "identity check":
                thread.join(10)


@pytest.fixture
def pods() -> Pods:
    return Pods()


def test_an_answer_shows_at_the_next_look(pods: Pods) -> None:
    assert pods.look() is None
    assert pods.look() is IdentityCheck.ON


def test_a_vault_is_asked_once_a_minute_and_no_more(pods: Pods) -> None:
    for pods.now in range(0, 181, 20):
        pods.look()
    assert len(pods.asked) == 4


def test_each_vault_is_asked_for_itself(pods: Pods) -> None:
    pods.look()
    pods.word = IdentityCheck.OFF
    pods.look(PRACTICE)
    assert (pods.look(), pods.look(PRACTICE)) == (IdentityCheck.ON, IdentityCheck.OFF)


def test_nobody_waits_for_a_pod_that_takes_its_time(pods: Pods) -> None:
    pods.may_answer.clear()
    assert pods.look() is None
    assert pods.look() is None
    pods.may_answer.set()
    pods.answered()
    assert pods.look() is IdentityCheck.ON
    assert len(pods.asked) == 1


@pytest.mark.parametrize("word", [IdentityCheck.UNTOLD, IdentityCheck.NOT_SEEN])
def test_after_a_pod_that_can_not_tell_the_next_is_asked(pods: Pods, word: IdentityCheck) -> None:
    pods.word = word
    for pods.now in (0, 60, 120):
        pods.look()
    assert pods.asked == [*PODS, PODS[0]]


def test_a_pod_that_knows_is_asked_again(pods: Pods) -> None:
    for pods.now in (0, 60, 120):
        pods.look()
    assert pods.asked == [PODS[0]] * 3


def test_without_a_ready_pod_nothing_is_told_and_the_first_one_is_asked_at_once(
    pods: Pods,
) -> None:
    assert pods.look_without_pods() is IdentityCheck.UNTOLD
    assert pods.look() is IdentityCheck.UNTOLD
    assert pods.look() is IdentityCheck.ON


def test_what_was_told_stands_for_a_minute_while_no_pod_is_ready(pods: Pods) -> None:
    pods.look()
    pods.now = 59
    assert pods.look_without_pods() is IdentityCheck.ON
    pods.now = 60
    assert pods.look_without_pods() is IdentityCheck.UNTOLD


def test_a_vault_that_is_made_anew_is_asked_anew(pods: Pods) -> None:
    pods.look()
    pods.checks.forget(CLINIC)
    assert pods.look() is None
    assert len(pods.asked) == 2
