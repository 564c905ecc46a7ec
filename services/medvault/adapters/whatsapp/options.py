"""Which WhatsApp number is spoken for, and where."""

from collections.abc import Callable
from dataclasses import dataclass

from medvault.domain.outbound import SEND_DEADLINE


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatsAppOptions:
    """The Cloud API and one number of it.

    `token` is called for every request, so that a rotated access token is used at once.
    `timeout` bounds a send in seconds, its wait for a free connection included.
    `media_hosts` lists further hosts that files may come from, each `host` or `.suffix`.
    """

    phone_number_id: str
    token: Callable[[], str]
    base_url: str = "https://graph.facebook.com"
    api_version: str = "v25.0"
    timeout: float = SEND_DEADLINE.total_seconds()
    connections: int = 64
    media_hosts: tuple[str, ...] = ("graph.facebook.com", ".fbsbx.com", ".whatsapp.net")

    @property
    def api_url(self) -> str:
        """The base URL with the version, without a slash at its end."""
        return f"{self.base_url.rstrip('/')}/{self.api_version}"

    @property
    def number_url(self) -> str:
        """The URL of the number that sends."""
        return f"{self.api_url}/{self.phone_number_id}"
