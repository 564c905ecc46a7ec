"""Bodies of the control API."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from medvault.simulator.users import Presence, normalized_phone


class _Call(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _WithPhone(_Call):
    phone: str | None = None

    @field_validator("phone")
    @classmethod
    def _normalized(cls, phone: str | None) -> str | None:
        return None if phone is None else normalized_phone(phone)


class NewUser(_WithPhone):
    """A user; without a phone Meta's webhooks carry only the user id and the username."""

    name: str = Field(min_length=1, max_length=100)
    username: str | None = Field(default=None, max_length=40)


class NewNumber(_WithPhone):
    """The number the user changes to; null hides it (only the user id changes)."""


class UserChange(_Call):
    """A change of a user: presence, or whether the 24 hours since the last message ran."""

    presence: Presence | None = None
    window_open: bool | None = None


class PhoneMessage(_Call):
    """An act of the user: exactly one of text, tap, sample, shape and raw.

    `tap` is a button or row id, of the newest message that offers it or of `wamid`. `shape` is
    one of /sim/shapes; an edit or a deletion is of `wamid`, or of the user's newest message. `raw`
    is merged into the webhook's message; null takes a key out.
    """

    text: str | None = Field(default=None, min_length=1, max_length=65_536)
    tap: str | None = None
    sample: str | None = None
    shape: str | None = None
    raw: dict[str, Any] | None = None
    wamid: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        all_of = (self.text, self.tap, self.sample, self.shape, self.raw)
        if sum(one is not None for one in all_of) != 1:
            message = "give exactly one of text, tap, sample, shape and raw"
            raise ValueError(message)
        return self


class BulkText(_Call):
    """A text of one user among many."""

    user: str
    text: str = Field(min_length=1, max_length=65_536)


class AppChange(_Call):
    """Settings of the app at Meta; an absent one stays."""

    webhook_url: str | None = None
    app_secret: str | None = None
    verify_token: str | None = None
    access_tokens: list[str] | None = None
    identity_check: bool | None = None
    user_ids: bool | None = None
