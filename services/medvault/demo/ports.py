"""The ports that the demo listens on, of 127.0.0.1 only."""

import socket
from dataclasses import dataclass

from medvault.domain.errors import Permanent


class PortTaken(Permanent):
    """The demo can't listen there; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The API's port and the chat page's."""

    api: int = 8000
    simulator: int = 8090

    def require_free(self) -> None:
        """Raise `PortTaken` while nothing has been started that would have to be ended again."""
        if self.api == self.simulator:
            raise PortTaken("The API and the chat page need a port each: choose two.")
        for option, port in (("--api-port", self.api), ("--simulator-port", self.simulator)):
            try:
                socket.create_server(("127.0.0.1", port)).close()
            except OSError as error:
                why = (error.strerror or "refused").lower()
                raise PortTaken(
                    f"Port {port} can't be listened on ({why}): choose another one with {option}."
                ) from None
