"""`medvault keys`: the keys that are derived from the key ring."""

import typer

from medvault.cli.start import start
from medvault.observability.terminal import say

app = typer.Typer(
    name="keys", help="Print what is derived from the key ring.", no_args_is_help=True
)


@app.command()
def intake() -> None:
    """Print the public key for MEDVAULT_INTAKE_KEY of the API, from the first key of MEDVAULT_KEYS.

    Its holder can seal what webhooks bring, and can open nothing.
    """
    settings = start("keys", "keys")

    from medvault.bootstrap.entrance import intake_key

    say(intake_key(settings))
