"""The output of `medvault demo`, and how it waits and ends."""

import shlex
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from medvault.demo.ports import Ports
from medvault.observability.terminal import say

if TYPE_CHECKING:
    from medvault.demo.embedded import Demo

_WELCOME = """
medvault runs. Open the chat page in a browser and play the patient: add a phone, drop a report
on it (or take a sample from its paper clip), answer the questions, then write LIST and GET 1.

  Chat page   {chat}
  API         {api}
  Probes      {probes}   /ready says how it is, /metrics what it does
  Data        {data}   sealed; delete the folder to start again
  Virus scan  {scan}
  Database    psql "{database}"
  Set aside   . {settings}; medvault dead-letters list

Ctrl-C ends it; the next start finds everything.
"""
_SCANNED = "clamd on this machine"
_NOT_SCANNED = 'none: clamd does not run here, so reports are marked "not scanned"'


def show(folder: Path, ports: Ports, *, play_tour: bool) -> int:
    """Run the demo until it is told to end, or the tour to its end; returns the exit code."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    say("Starting PostgreSQL, medvault and the WhatsApp simulator ...")
    from medvault.demo.embedded import running  # takes seconds, so something is said before

    with running(folder.absolute(), ports) as demo:
        if play_tour:
            return _tour(demo, ended)
        say(
            _WELCOME.format(
                chat=demo.chat_url,
                api=demo.api_url,
                probes=demo.probe_url,
                data=folder.absolute(),
                database=demo.database_url,
                settings=shlex.quote(str(demo.settings)),
                scan=_SCANNED if demo.scanned else _NOT_SCANNED,
            )
        )
        while not ended.wait(1.0):
            continue
        say("Ending ...")
    return 0


def _tour(demo: "Demo", ended: threading.Event) -> int:
    from medvault.demo.tour import TourFailed, tour

    try:
        tour(demo.chat_url, say, ended)
    except TourFailed as failed:
        say(f"\nThe tour failed: {failed}", wrong=True)
        return 1
    say("\nThe report that came back is the one that was sent, byte for byte.")
    return 0
