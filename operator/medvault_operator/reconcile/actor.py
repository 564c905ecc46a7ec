"""Carrying out what was decided outside of Kubernetes."""

from collections.abc import Iterable

from medvault_operator.capabilities.actions import Action
from medvault_operator.observation.identity_checks import IdentityChecks
from medvault_operator.vault.name import VaultName


class Actor:
    """The operator's only hand outside of Kubernetes.

    A later pass observes what came of an action, so a crash in between loses nothing.
    """

    def __init__(self, identity_checks: IdentityChecks) -> None:
        self._identity_checks = identity_checks

    def carry_out(self, name: VaultName, actions: Iterable[Action]) -> None:
        """Begin what was decided for one vault, without waiting for it."""
        for action in actions:
            self._identity_checks.ask(name, action.addresses)

    def forget(self, name: VaultName) -> None:
        """Remember nothing of a vault that is gone."""
        self._identity_checks.forget(name)
