"""The resync loop: every vault there is comes up again, whatever events were lost."""

import contextlib
import logging
import threading
from collections.abc import Sequence

from medvault_operator.kube.api import Api
from medvault_operator.kube.errors import ApiError, Missing, Refused
from medvault_operator.kube.kinds import VAULT
from medvault_operator.observability import metrics
from medvault_operator.runtime.work_queue import WorkQueue
from medvault_operator.vault.name import VaultName

SECONDS = 20.0
_ADVICE = (
    "The cluster does not serve medvault.dev/v1alpha1. Install its CustomResourceDefinition: "
    "helm upgrade with crds.enabled=true, or kubectl apply the output of "
    "`python -m medvault_operator.api.crd`."
)
_UNSEEN = (
    "The operator may not see the vaults of a namespace: it has no Role there, or the namespace "
    "does not exist. Make the namespace and `helm upgrade` with all of them in watch.namespaces, "
    "or take it out of that list."
)
_LEFT_OUT = (
    "There are vaults that nobody looks after, in a namespace that is not in watch.namespaces "
    "though the operator has rights there. Add it, or take the rights away."
)

log = logging.getLogger(__name__)


class Resync(threading.Thread):
    """Asks for all vaults every so many seconds; `served` tells whether any can be seen at all.

    `unseen` are the namespaces that may not be looked into, though they should be.
    """

    def __init__(
        self,
        api: Api,
        queue: WorkQueue,
        namespaces: Sequence[str] = (),
        seconds: float = SECONDS,
    ) -> None:
        super().__init__(name="resync", daemon=True)
        self._seconds = seconds
        self._api = api
        self._queue = queue
        self._namespaces = namespaces or ("",)
        self._stopped = threading.Event()
        self.served = threading.Event()
        self.unseen: tuple[str, ...] = ()

    def run(self) -> None:
        """Go round until told to stop."""
        looked = False
        while not self._stopped.is_set():
            self._round()
            if self.served.is_set() and not looked:
                self._look_beside()
                looked = True
            self._stopped.wait(self._seconds if self.served.is_set() else self._seconds / 4)

    def stop(self) -> None:
        """Go round no more."""
        self._stopped.set()

    def seen(self) -> tuple[str, ...]:
        """Return the namespaces that can be watched; none stands for the whole cluster."""
        return tuple(one for one in self._namespaces if one and one not in self.unseen)

    def _look_beside(self) -> None:
        """Tell of vaults elsewhere, as rights are often left from when the cluster was in scope."""
        if "" in self._namespaces:
            return
        with contextlib.suppress(ApiError):
            found = {vault["metadata"]["namespace"] for vault in self._api.list(VAULT)}
            for namespace in sorted(found - set(self._namespaces)):
                log.warning(_LEFT_OUT, extra={"namespace": namespace})

    def _round(self) -> None:
        unseen = []
        try:
            for namespace in self._namespaces:
                try:
                    self._ask(namespace)
                except Missing:
                    raise
                except Refused:
                    unseen.append(namespace)
        except Missing:
            self.served.clear()
            log.warning(_ADVICE)
        except ApiError as error:
            log.warning("The vaults can't be listed.", extra={"reason": error.reason})
        else:
            self._tell(tuple(unseen))

    def _ask(self, namespace: str) -> None:
        for vault in self._api.list(VAULT, namespace):
            metadata = vault["metadata"]
            self._queue.ask(VaultName(metadata["namespace"], metadata["name"]))

    def _tell(self, unseen: tuple[str, ...]) -> None:
        """Log each hidden namespace once; vaults are served unless all namespaces are hidden."""
        for namespace in set(unseen) - set(self.unseen):
            log.warning(_UNSEEN, extra={"namespace": namespace})
        self.unseen = unseen
        metrics.unseen_namespaces.set(len(unseen))
        if len(unseen) < len(self._namespaces):
            self.served.set()
        else:
            self.served.clear()
