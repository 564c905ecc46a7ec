"""What is known of Meta's check of identities, vault by vault, without waiting for any pod."""

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

    def known(self, name: VaultName, addresses: Sequence[str]) -> IdentityCheck | None:
        """Return what a vault told last, nothing before its first answer; ask it if it is time.

        `addresses` are those of its ready pods. The answer shows in a later call.
        """
        vault = self._vaults.setdefault(name, _Vault())
        said, now = vault.said, self._clock()
        if now - vault.asked < EVERY_SECONDS:
            return said
        if not addresses:
            vault.said = IdentityCheck.UNTOLD
            return vault.said
        vault.asked = now
        address = addresses[vault.turn % len(addresses)]
        thread = threading.Thread(
            target=self._note, args=(vault, address), name="identity check", daemon=True
        )
        thread.start()
        return said

    def forget(self, name: VaultName) -> None:
        """Remember nothing of a vault that is gone."""
        self._vaults.pop(name, None)

    def _note(self, vault: _Vault, address: str) -> None:
        said = self._ask(address)
        vault.turn += said not in _KNOWING
        vault.said = said
