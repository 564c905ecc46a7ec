"""The number at Meta through which patients write."""

from typing import Annotated

from pydantic import Field

from medvault_operator.api.v1alpha1.shape import Rule, SecretReference, Shape, keyed_by, rules

TOKEN = "token"  # noqa: S105
APP_SECRETS = "app-secrets"
VERIFY_TOKEN = "verify-token"  # noqa: S105
SECRET_KEYS = (TOKEN, APP_SECRETS, VERIFY_TOKEN)

_NO_PHONE = Rule(
    "self.size() < 7 || self.size() > 13",
    "it is not the phone number, but the 14 digits or more that WhatsApp Manager shows beside it "
    "as Phone number ID, such as 106540352242922",
)
PhoneNumberId = Annotated[str, Field(pattern=r"^[0-9]{5,20}$", json_schema_extra=rules(_NO_PHONE))]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
HttpUrl = Annotated[str, Field(max_length=512, pattern=r"^https?://[^\s/@?#]+(/[^\s@?#]*)?$")]


class EarlierNumber(Shape):
    """A number that the vault had before."""

    phone_number_id: PhoneNumberId = Field(description="Its id at Meta.")
    left_on: Day = Field(
        description="The day on which the vault left it, as 2026-11-30. Statuses of what was sent "
        "from there are taken for 30 days more."
    )


class WhatsApp(Shape):
    """The WhatsApp number of the vault, and how to speak for it."""

    phone_number_id: PhoneNumberId = Field(
        description="Id of the number at Meta, digits only. It stands in WhatsApp Manager beside "
        "the number, and is not the number itself."
    )
    earlier_numbers: list[EarlierNumber] = Field(
        default_factory=list,
        max_length=16,
        json_schema_extra=keyed_by("phoneNumberId"),
        description="Numbers that the vault had before. Webhooks of any other number of the same "
        "app are not for this vault, and left out.",
    )
    secret_ref: SecretReference = Field(
        description="Secret with the keys `token` (access token of a system user), `app-secrets` "
        "(app secrets that sign webhooks, one a line) and `verify-token` (what Meta shows when "
        "the webhook is set up)."
    )
    messages_per_second: int = Field(
        default=80,
        ge=1,
        le=1000,
        description="Messages a second that the number's tier allows: 80, 1000, or 20 for numbers "
        "that the WhatsApp app uses too.",
    )
    base_url: HttpUrl = Field(
        default="https://graph.facebook.com",
        description="Address of the Cloud API, or of what stands in for it in a trial.",
    )
