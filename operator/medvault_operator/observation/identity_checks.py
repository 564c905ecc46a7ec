"""The last answers on Meta's check of identities, vault by vault; no caller waits for a pod."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from medvault_operator.observation.readiness import identity_check
from medvault_operator.vault.name import VaultName
from medvault_operator.world.pods import IdentityCheck

EVERY_SECONDS = 60.0
"""How often a vault is asked at most."""
_KNOWING = (IdentityCheck.ON, IdentityCheck.OFF)


@dataclass
class _Vault:
    """`turn` counts pods that could not tell: the next one is asked after each of them."""

    said: IdentityCheck | None = None
    asked: float = float("-inf")
    turn: int = 0


class IdentityChecks:
    """Remembers the last answer of each vault. One thread at a time may speak of a vault.

    `ask` takes the IP address of a pod, and may block for seconds: it has a thread of its own.
    """

    def __init__(
        self,
        ask: Callable[[str], IdentityCheck] = identity_check,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._vaults: dict[VaultName, _Vault] = {}

    def known(self, name: VaultName) -> IdentityCheck | None:
        """Return what a vault told last, nothing before its first answer."""
        return self._vaults[name].said if name in self._vaults else None

    def due(self, name: VaultName) -> bool:
        """Tell whether it is time to ask a vault."""
        return name not in self._vaults or self._clock() - self._vaults[name].asked >= EVERY_SECONDS

    def ask(self, name: VaultName, addresses: Sequence[str]) -> None:
        """Ask one of a vault's ready pods; without one, it has not told.

        It does not wait for the answer, which is known some time later.
        """
        vault = self._vaults.setdefault(name, _Vault())
        if not addresses:
            vault.said = IdentityCheck.UNTOLD
            return
        vault.asked = self._clock()
        address = addresses[vault.turn % len(addresses)]
        thread = threading.Thread(
            target=self._note, args=(vault, address), name="identity check", daemon=True
        )
        thread.start()

    def forget(self, name: VaultName) -> None:
        """Remember nothing of a vault that is gone."""
        self._vaults.pop(name, None)

    def _note(self, vault: _Vault, address: str) -> None:
        said = self._ask(address)
        vault.turn += said not in _KNOWING
        vault.said = said
