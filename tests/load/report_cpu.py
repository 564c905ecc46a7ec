"""A report of 16 MiB from Meta to S3: the media worker's processor time, beside its floor."""

import contextlib
import hashlib
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from load import queues
from load.backlog import announce
from load.deployment import LeastMeta, MediaWorker
from load.measurement import Ground
from load.memory import Footprint
from load.rounds import Goal, Spread, progress, ratios
from load.tables import Tables
from medvault.ports import Queue
from support import pdfs, pictures
from support.servers.clamd import PrivateClamd
from support.servers.s3 import S3, private_s3
from support.servers.waiting import wait_until

GOAL = Goal("cpu_per_report_ratio", 2.6, at_most=True)
SIZE = 16 * 1024 * 1024
REPORTS = 20
"""Reports in a round: a process's time is counted in hundredths of a second."""
_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Round:
    """Milliseconds of processor time a report."""

    floor: float
    fetched: float
    handed_over: float
    checked: float


@dataclass(frozen=True, slots=True)
class ReportCpu:
    """The figures that were measured."""

    footprint: Footprint
    rounds: Sequence[Round] = field(default_factory=list)

    @property
    def ratio(self) -> Spread:
        """The worker's time from Meta to S3 beside the floor, round by round."""
        return ratios([one.fetched for one in self.rounds], [one.floor for one in self.rounds])

    def _spread(self, name: str) -> Spread:
        return Spread(tuple(getattr(one, name) for one in self.rounds))

    def report(self) -> str:
        """The lines to print."""
        lines = {
            "sha256 + AES-GCM": "floor",
            "media worker, Meta to S3": "fetched",
            "  apart: S3 to the checks": "handed_over",
            "  apart: the checks": "checked",
        }
        return "\n".join(
            [
                "Media worker: CPU of a report of 16 MiB",
                *(f"{title:<26}{self._spread(name).shown(1)} ms" for title, name in lines.items()),
                self.footprint.shown(),
                GOAL.verdict(self.ratio),
            ]
        )

    def as_json(self) -> Mapping[str, object]:
        """The figures behind the ratio."""
        names = ("floor", "fetched", "handed_over", "checked")
        return {
            "ratio": self.ratio.as_json(),
            "milliseconds": {name: self._spread(name).as_json() for name in names},
            "megabytes": self.footprint.as_json(),
        }

    def headlines(self) -> Mapping[str, float]:
        """The ratio."""
        return {GOAL.name: self.ratio.median}


def measure(ground: Ground) -> ReportCpu:
    """Rounds of the floor and of the worker in turn.

    The worker's time is that of whole reports less that of checking the same again: the rest
    is all that it does from asking Meta for the file until S3 has it and its row says so.
    """
    prepare = partial(announce, files=REPORTS)
    database, broker = ground.postgres.new_database(prepare), ground.rabbitmq.new_vhost()
    picture = pictures.jpeg()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="medvault-bench-")))
        file = folder / "report"
        file.write_bytes(picture + pdfs.noise(SIZE - len(picture)))
        meta = stack.enter_context(LeastMeta(file=file))
        s3, clamd = private_s3(), PrivateClamd()
        stack.enter_context(s3)
        stack.enter_context(clamd)
        more = _media_settings(s3, clamd, meta)
        worker = stack.enter_context(MediaWorker(database, broker, more=more))
        tables = stack.enter_context(contextlib.closing(Tables(database)))
        idle = worker.memory()
        _handled(worker, tables, broker, "wanted")
        rounds = []
        for number in range(1, ground.options.rounds + 1):
            rounds.append(_round(worker, tables, broker))
            progress(f"report: round {number}: {rounds[-1].fetched / rounds[-1].floor:.2f}")
        return ReportCpu(Footprint("media", idle, worker.memory()), rounds)


def _media_settings(s3: S3, clamd: PrivateClamd, meta: LeastMeta) -> Mapping[str, str]:
    return {
        "s3_endpoint_url": s3.endpoint,
        "s3_bucket": s3.new_bucket().name,
        "s3_access_key": s3.access_key,
        "s3_secret_key": s3.secret_key,
        "clamd_address": f"tcp://{clamd.address}",
        "whatsapp_base_url": meta.url(""),
    }


def _round(worker: MediaWorker, tables: Tables, broker: str) -> Round:
    floor = _floor()
    whole, checks = _handled(worker, tables, broker, "wanted")
    again, _ = _handled(worker, tables, broker, "stored")
    each = 1000 / REPORTS
    return Round(floor, (whole - again) * each, again * each, checks * each)


def _handled(worker: MediaWorker, tables: Tables, broker: str, state: str) -> tuple[float, float]:
    """Have all files handled from a state on; returns the seconds of worker and children."""
    own, children = worker.cpu_seconds(), worker.children_seconds()
    ids = tables.reset_media(state)
    queues.wake(broker, Queue.MEDIA, ids)
    wait_until(
        lambda: tables.checked_files() == len(ids), seconds=120, what="the checks of all files"
    )
    return worker.cpu_seconds() - own, worker.children_seconds() - children


def _floor() -> float:
    """Milliseconds to hash and to encrypt a file of this size, which nobody can do without."""
    file, room = os.urandom(SIZE), bytearray(_CHUNK)
    pieces = [memoryview(file)[at : at + _CHUNK] for at in range(0, SIZE, _CHUNK)]
    started = time.process_time()
    for _ in range(REPORTS):
        cipher = Cipher(algorithms.AES(bytes(32)), modes.GCM(bytes(12))).encryptor()
        digest = hashlib.sha256()
        for piece in pieces:
            digest.update(piece)
            cipher.update_into(piece, room)
        cipher.finalize()
    return (time.process_time() - started) * 1000 / REPORTS
