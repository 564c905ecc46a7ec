"""What `medvault demo` prints, and how it waits and ends."""

import signal
import threading
from pathlib import Path

import typer

from medvault.demo.embedded import Demo, Ports, running
from medvault.demo.tour import TourFailed, tour

_WELCOME = """
medvault runs.

  Chat page   {chat}     play the patient: send a report, LIST, GET 1
  API         {api}     /ready, /metrics
  Data        {data}
  Virus scan  {scan}

Ctrl-C ends it; the next start finds everything.
"""
_SCANNED = "clamd on this machine"
_NOT_SCANNED = 'none: clamd does not run here, so reports are marked "not scanned"'


def show(folder: Path, ports: Ports, *, play_tour: bool) -> int:
    """Run the demo until it is told to end, or the tour to its end; returns the exit code."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    typer.echo("Starting PostgreSQL, medvault and the WhatsApp simulator ...")
    with running(folder.absolute(), ports) as demo:
        if play_tour:
            return _tour(demo)
        typer.echo(
            _WELCOME.format(
                chat=demo.chat_url,
                api=demo.api_url,
                data=folder.absolute(),
                scan=_SCANNED if demo.scanned else _NOT_SCANNED,
            )
        )
        while not ended.wait(1.0):
            continue
        typer.echo("Ending ...")
    return 0


def _tour(demo: Demo) -> int:
    try:
        tour(demo.chat_url, typer.echo)
    except TourFailed as failed:
        typer.secho(f"\nThe tour failed: {failed}", fg=typer.colors.RED, err=True)
        return 1
    typer.echo("\nThe report that came back is the one that was sent, byte for byte.")
    return 0
