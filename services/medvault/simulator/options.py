"""The configuration of one simulated WhatsApp business number."""

from dataclasses import dataclass
from pathlib import Path

DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorOptions:
    """The account, its limits and the server; times are seconds.

    A limit of 0 switches it off: `messages_per_second` (Meta's tiers are 20, 80 and 1,000) and
    `pair_seconds` or `pair_burst`. Port 0 takes a free one. `country_code` is what Meta puts in
    front of a `to` that has no `+`. With `journal`, what was said survives a restart, sealed with
    `journal_key`. Empty `templates` accept every template name.

    Raises:
        ValueError: `journal` without a `journal_key` of 32 bytes.
    """

    webhook_url: str
    app_secret: str
    access_tokens: tuple[str, ...]
    verify_token: str
    host: str = "127.0.0.1"
    port: int = 8090
    public_url: str | None = None
    phone_number_id: str = "109876543210987"
    waba_id: str = "102345678901234"
    display_phone_number: str = "912255500100"
    country_code: str = "91"
    country: str = "IN"
    api_version: str = "v25.0"
    messages_per_second: int = 80
    pair_seconds: float = 6.0
    pair_burst: int = 45
    media_url_ttl: float = 300.0
    inbound_media_ttl: float = 7 * DAY
    uploaded_media_ttl: float = 30 * DAY
    webhook_concurrency: int = 32
    webhook_timeout: float = 10.0
    retry_base: float = 1.0
    retry_cap: float = 60.0
    retry_for: float = 7 * DAY
    chat_limit: int = 5_000
    identity_check: bool = False
    templates: tuple[str, ...] = ()
    journal: Path | None = None
    journal_key: bytes | None = None

    def __post_init__(self) -> None:
        """Refuse a journal that would lie in clear text."""
        if self.journal is not None and (self.journal_key is None or len(self.journal_key) != 32):
            message = "a journal needs a journal_key of 32 bytes"
            raise ValueError(message)
