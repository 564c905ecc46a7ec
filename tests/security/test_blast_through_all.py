"""One patient at full blast, through the API, the broker and all workers; others hardly notice.

The control is the release before, at full size.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles

import pytest

from medvault.settings import Settings
from support.attacks import Attacks
from support.servers.waiting import wait_until
from support.stack.blast import Blast, Bystander
from support.stack.environment import NewServers
from support.stack.poison import greeted
from support.stack.release import release_before
from support.stack.stack import Stack, running_stack

P95_MS, TIMES = 1000, 2.0
UNDER_WAY = 30
"""Messages: more than there are threads for."""
GRANTED = {
    name: str(Settings.model_fields[name].default)
    for name in ("quota_messages_per_minute", "quota_open_replies")
}
"""As a clinic runs it; other tests lift these quotas."""


class Waits:
    """How long bystanders wait, while nobody else is there and then beside a blast."""

    def __init__(self, stack: Stack, *, streams: int, rounds: int) -> None:
        mallory, sender, *writers = greeted(stack, 5)
        files, texts = Bystander(sender), [Bystander(phone) for phone in writers]
        files.file()
        self.alone = [files.file() for _ in range(rounds)]
        self.files: list[float] = []
        self.texts: list[float] = []
        with Blast(stack, mallory, streams) as blast:
            wait_until(lambda: blast.sent >= UNDER_WAY, seconds=30, what="a blast")
            for _ in range(rounds):
                self.texts += [one.text() for one in texts]
                self.files.append(files.file())
        self.refused = blast.refused

    @property
    def ratio(self) -> float:
        """How many times as long a file takes."""
        return median(self.files) / median(self.alone)

    @property
    def p95_ms(self) -> float:
        """The time of all texts but a few."""
        return 1000 * quantiles(self.texts, n=20, method="inclusive")[-1]


def waits(servers: NewServers, folder: Path, *, full: bool, rounds: int, **more: object) -> Waits:
    """Those beside a stack of its own."""
    with ExitStack() as opened:
        stack = opened.enter_context(
            running_stack(opened.enter_context(servers()), folder, settings=GRANTED, **more)  # type: ignore[arg-type]
        )
        return Waits(stack, streams=8 if full else 1, rounds=rounds)


def before(folder: Path) -> Mapping[str, object]:
    """How the release before is run."""
    program, variables = release_before(folder)
    return {"program": program, "more": variables}


@pytest.mark.alone
@pytest.mark.long("a whole stack, and at full size the release before as well")
@pytest.mark.timeout(900)
def test_whatever_one_patient_sends_others_are_answered_as_before(
    new_servers: NewServers, tmp_path: Path, full: bool, attacks: Attacks
) -> None:
    (folder := tmp_path / "now").mkdir()
    now = waits(new_servers, folder, full=full, rounds=10 if full else 2)
    attacks.measured(blast_file_ratio=round(now.ratio, 2), blast_text_p95_ms=round(now.p95_ms))
    if full:
        (folder := tmp_path / "then").mkdir()
        then = waits(new_servers, folder, full=full, rounds=2, **before(tmp_path / "release"))
        attacks.measured(
            blast_file_ratio_control=round(then.ratio, 2),
            blast_text_p95_ms_control=round(then.p95_ms),
        )
        assert then.ratio > TIMES
        assert then.p95_ms > P95_MS
    assert now.refused == []
    assert now.p95_ms <= P95_MS
    # In a small run a turn of the machine weighs as much as a file.
    assert now.ratio <= (TIMES if full else 2 * TIMES)
