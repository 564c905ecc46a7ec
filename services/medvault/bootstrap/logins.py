"""The logins that `medvault migrate` admits and tries: one of each process, or one of all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

from medvault.adapters.amqp.topology import READ_BY
from medvault.adapters.postgres.rights import SERVICE_ROLE
from medvault.bootstrap.foundation import secret
from medvault.domain.errors import Permanent
from medvault.ports import Queue
from medvault.settings import PREFIX, Settings

Server = Literal["database", "broker"]


@dataclass(frozen=True, slots=True, repr=False)
class Login:
    """Where a process logs in, and the setting that says so; the one of all has no process."""

    setting: str
    url: str
    process: str | None

    @property
    def role(self) -> str:
        """Its role in PostgreSQL."""
        return f"medvault_{self.process}" if self.process else SERVICE_ROLE

    @property
    def queues(self) -> Collection[Queue]:
        """The queues that it declares and reads."""
        return READ_BY[self.process] if self.process else tuple(Queue)

    @property
    def user(self) -> str:
        """The name that it logs in with."""
        return unquote(urlsplit(self.url).username or "")


def logins(settings: Settings, server: Server) -> Sequence[Login]:
    """Return the logins that the settings name: those of all processes, or the one with the others.

    Raises `Permanent` where a process' own login is that of another one too.
    """
    named = {f"{server}_url": None} | {f"{server}_{one}_url": one for one in READ_BY}
    found = [
        Login(f"{PREFIX}{name.upper()}", secret(url), process)
        for name, process in named.items()
        if (url := getattr(settings, name)) is not None
    ]
    _require_one_each(found)
    own = [login for login in found if login.process]
    return own if len(own) == len(READ_BY) else found


def _require_one_each(found: Sequence[Login]) -> None:
    owners: dict[str, str] = {}
    for login in found:
        if (other := owners.setdefault(login.user, login.setting)) != login.setting:
            raise Permanent(
                f"{other} and {login.setting} name the same login: each process needs one of its "
                "own, or all of them the one"
            )
