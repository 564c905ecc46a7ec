"""medvault with a flaw, run as a program: certain words kill the process that looks at them.

So a bug in a parser written in C does, or a file that takes all the memory there is.
"""

import os
import signal
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from medvault.adapters.sandbox.examiner import SandboxExaminer
from medvault.adapters.whatsapp.webhooks import WebhookReader
from medvault.cli import main
from medvault.domain.media import FileKind, Verdict
from medvault.ports import Keep, MayTakeLong, Message, always

FATAL = "words that kill"
PROGRAM = (sys.executable, "-P", str(Path(__file__)))


class FlawedReader(WebhookReader):
    """Reads messages, up to a fatal one."""

    def read_message(self, content: bytes) -> Message:
        _look(content)
        return super().read_message(content)


class FlawedExaminer(SandboxExaminer):
    """Examines files, up to a fatal one."""

    def examine(
        self,
        chunks: Iterable[bytes],
        kind: FileKind,
        may_take_long: MayTakeLong = always,
        keep: Keep | None = None,
    ) -> Verdict:
        return super().examine(_looked_at(chunks), kind, may_take_long, keep)


def _looked_at(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        _look(chunk)
        yield chunk


def _look(content: bytes) -> None:
    if FATAL.encode() in content:
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    from medvault.bootstrap import foundation, media

    vars(media).update(SandboxExaminer=FlawedExaminer)
    vars(foundation).update(WebhookReader=FlawedReader)
    main()
