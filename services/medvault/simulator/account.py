"""The app's settings at Meta; changeable while it runs, to rehearse rotations."""

from dataclasses import dataclass

from medvault.simulator.options import SimulatorOptions


@dataclass(slots=True)
class Account:
    """Where webhooks go, how they are signed, which tokens are valid.

    `identity_check`: webhooks carry each user's identity key hash.
    `user_ids`: they carry user ids; without, whoever shows a number is named by that alone, as in
    Meta's older shapes.
    """

    webhook_url: str
    app_secret: str
    verify_token: str
    access_tokens: frozenset[str]
    identity_check: bool
    phone_number_id: str
    waba_id: str
    display_phone_number: str
    country_code: str
    user_ids: bool = True


def account_of(options: SimulatorOptions) -> Account:
    """The account as the options start it."""
    return Account(
        webhook_url=options.webhook_url,
        app_secret=options.app_secret,
        verify_token=options.verify_token,
        access_tokens=frozenset(options.access_tokens),
        identity_check=options.identity_check,
        phone_number_id=options.phone_number_id,
        waba_id=options.waba_id,
        display_phone_number=options.display_phone_number,
        country_code=options.country_code,
    )
