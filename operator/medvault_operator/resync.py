"""The resync loop: every vault there is comes up again, whatever events were lost."""

import logging
import threading
from collections.abc import Sequence

from medvault_operator.kube.api import Api
from medvault_operator.kube.errors import ApiError, Missing
from medvault_operator.kube.kinds import VAULT
from medvault_operator.schedule import VaultName
from medvault_operator.work_queue import WorkQueue

SECONDS = 20.0
_ADVICE = (
    "The cluster does not serve medvault.dev/v1alpha1. Install its CustomResourceDefinition: "
    "helm upgrade with crds.enabled=true, or kubectl apply the output of "
    "`python -m medvault_operator.api.crd`."
)

log = logging.getLogger(__name__)


class Resync(threading.Thread):
    """Asks for all vaults every so many seconds; `served` tells whether vaults are known at all."""

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

    def run(self) -> None:
        """Go round until told to stop."""
        while not self._stopped.is_set():
            self._round()
            self._stopped.wait(self._seconds if self.served.is_set() else self._seconds / 4)

    def stop(self) -> None:
        """Go round no more."""
        self._stopped.set()

    def _round(self) -> None:
        try:
            for namespace in self._namespaces:
                for vault in self._api.list(VAULT, namespace):
                    metadata = vault["metadata"]
                    self._queue.ask(VaultName(metadata["namespace"], metadata["name"]))
            self.served.set()
        except Missing:
            self.served.clear()
            log.warning(_ADVICE)
        except ApiError as error:
            log.warning("The vaults can't be listed.", extra={"reason": error.reason})
