"""`medvault`: everything that runs starts here."""

import asyncio
import contextlib
import os
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import SecretStr

from medvault import failpoints
from medvault import settings as settings_module
from medvault.adapters.sandbox import dumps
from medvault.cli import dead_letters, keys, migration, patient, termination
from medvault.cli.start import start
from medvault.domain.errors import MedvaultError, Refused, Transient
from medvault.observability.terminal import say
from medvault.settings import InvalidSettings, Settings

if TYPE_CHECKING:
    from medvault.api.server import Server

app = typer.Typer(
    name="medvault",
    help="A vault for a patient's medical reports that lives in WhatsApp. "
    "Start with `medvault demo`: it needs nothing else.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


app.add_typer(dead_letters.app)
app.add_typer(patient.app)
app.add_typer(keys.app)
app.command()(migration.migrate)


class Role(StrEnum):
    """The kind of work that a worker process does."""

    INBOUND = "inbound"
    MEDIA = "media"
    OUTBOUND = "outbound"


def main() -> None:
    """Run the command line; errors raised on purpose are printed without a traceback.

    It ends with code 75 if the same command may work later, with 2 if somebody has to act first.
    """
    # Keys will be read: first of all, nothing of this process may be looked at.
    dumps.forbid()
    try:
        failpoints.arm(os.environ.get(failpoints.VARIABLE, ""))
        app()
    except (InvalidSettings, MedvaultError) as error:
        say(str(error), wrong=True)
        termination.leave({"error": str(error)})
        passes = isinstance(error, Transient) and not isinstance(error, Refused)
        raise SystemExit(os.EX_TEMPFAIL if passes else 2) from None
    except Exception as error:
        termination.leave({"error": type(error).__name__})
        raise


@app.command()
def demo(
    data: Annotated[
        Path, typer.Option(help="Folder that keeps everything; made if it is missing.")
    ] = Path(".medvault"),
    api_port: Annotated[int, typer.Option(help="The API's port.", min=1, max=65535)] = 8000,
    simulator_port: Annotated[
        int, typer.Option(help="The chat page's port.", min=1, max=65535)
    ] = 8090,
    tour: Annotated[
        bool, typer.Option("--tour", help="Play a patient, print the chat, and end.")
    ] = False,
) -> None:
    """Run all of medvault on this machine, with a chat page to play the patient.

    No accounts, no Docker: PostgreSQL comes with it, WhatsApp is simulated,
    files are kept sealed in a folder. Ctrl-C ends it; the next start finds
    everything.
    """
    from medvault.demo.ports import Ports
    from medvault.demo.show import show
    from medvault.observability import logs

    console = sys.stderr.isatty()
    logs.configure("demo", json=not console, level="WARNING")
    raise typer.Exit(show(data, Ports(api_port, simulator_port), play_tour=tour))


@app.command()
def api() -> None:
    """Run the API that takes WhatsApp's webhooks.

    Settings are environment variables: `medvault settings` lists them.
    """
    from medvault.api.server import run

    run(_server(start("api", "api")))


def _server(settings: Settings) -> "Server":
    """Build the API's server, which keeps no more of the settings than it needs."""
    from medvault.api.server import server
    from medvault.bootstrap.api import make_reception

    reception = make_reception(settings)
    address = settings.host, settings.port
    probes = settings.probe_host, settings.api_probe_port
    return server(reception, address, probes, settings.drain_seconds)


@app.command()
def worker(role: Annotated[Role, typer.Argument(help="What this process does.")]) -> None:
    """Run a worker: inbound (conversations), media (files) or outbound (replies).

    Settings are environment variables: `medvault settings` lists them.
    """
    settings = start(role, role)

    match role:
        case Role.INBOUND:
            from medvault.worker.roles.inbound import run
        case Role.MEDIA:
            from medvault.worker.roles.media import run
        case Role.OUTBOUND:
            from medvault.worker.roles.outbound import run
    raise typer.Exit(run(settings))


@app.command()
def simulator(
    webhook_url: Annotated[str, typer.Option(help="Where webhooks go.")] = (
        "http://127.0.0.1:8000/webhook/whatsapp"
    ),
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8090,
    public_url: Annotated[
        str | None, typer.Option(help="How the services reach it, if not by host and port.")
    ] = None,
    retry_base: Annotated[
        float, typer.Option(help="Seconds before a webhook's second repetition.", min=0)
    ] = 1.0,
    retry_cap: Annotated[
        float, typer.Option(help="The longest pause between repetitions, which doubles.", min=0)
    ] = 60.0,
) -> None:
    """Run Meta's Cloud API as a server of its own, with a chat page.

    Secrets, token, number and rates are the services' own settings, so that it
    stands in for Meta wherever they run: point MEDVAULT_WHATSAPP_BASE_URL at it.
    """
    import uvloop

    from medvault.simulator.options import SimulatorOptions
    from medvault.simulator.server import serve

    settings = start("simulator", "simulator")
    options = SimulatorOptions(
        webhook_url=webhook_url,
        app_secret=_secret(settings.whatsapp_app_secrets).split()[0],
        access_tokens=(_secret(settings.whatsapp_token),),
        verify_token=_secret(settings.whatsapp_verify_token),
        host=host,
        port=port,
        public_url=public_url,
        phone_number_id=_secret(settings.whatsapp_phone_number_id),
        api_version=settings.whatsapp_api_version,
        messages_per_second=int(settings.whatsapp_messages_per_second),
        pair_seconds=settings.whatsapp_pair_seconds,
        pair_burst=settings.whatsapp_pair_burst,
        retry_base=retry_base,
        retry_cap=retry_cap,
    )

    async def until_told() -> None:
        serving = asyncio.ensure_future(
            serve(options, lambda found: say(f"The simulator is at {found.url}"))
        )
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, serving.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await serving

    uvloop.run(until_told())


@app.command()
def settings() -> None:
    """Print every setting, its default, who needs it and its meaning, as a page in Markdown."""
    say(settings_module.reference())


def _secret(value: SecretStr | str | None) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value or ""
