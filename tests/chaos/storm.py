"""A run: patients write while everything dies around them, until all is well and still again."""

import asyncio
import json
import signal
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from chaos import progress
from chaos.components import by_kind
from chaos.deployment import Deployment
from chaos.diary import Diary
from chaos.nemesis import schedule
from chaos.pace import Pace
from chaos.patients import Patient, World
from chaos.plan import Plan
from chaos.probing import Probes
from chaos.recovery import Outage, mark_overlapping
from chaos.striker import Striker
from chaos.switchboard import Switchboard

QUIET = 200.0
"""Seconds within which all work ends: a send may be repeated after two minutes."""
LOOK = 0.5
STILL = 3
"""So often in a row nothing may be under way, looked at every half second."""
NOTHING_SINCE = 10**12
SOONEST_NEWS, LINES = 5.0, 120
"""Seconds between two lines of progress at the least, and how many lines a storm has at most."""
Say = Callable[[str], None]


@dataclass(slots=True)
class Weathered:
    """The outcome of a storm: the patients' diary, the faults, and what went wrong on the way."""

    diary: Diary = field(default_factory=Diary)
    probes: int = 0
    outages: list[Outage] = field(default_factory=list)
    ended_by_themselves: list[str] = field(default_factory=list)
    crashes_at_start: dict[str, int] = field(default_factory=dict)
    never_back: list[str] = field(default_factory=list)
    left_unfinished: list[str] = field(default_factory=list)
    interrupted: bool = False
    seconds: float = 0.0


class Storm:
    """One run of a plan over a deployment; `threads` are those that may start processes."""

    def __init__(
        self, plan: Plan, deployment: Deployment, threads: ThreadPoolExecutor, say: Say
    ) -> None:
        self._plan = plan
        self._deployment = deployment
        self._threads = threads
        self._say = say
        self._left = Weathered()
        self._over = asyncio.Event()

    async def weather(self) -> Weathered:
        """Let it rage and abate; at Ctrl-C it abates at once."""
        began = time.monotonic()
        async with Switchboard(self._deployment.simulator_url) as board:
            await board.misbehave(misbehaviour(self._plan.seed))
            striker, crowd, probes = await self._gather(board)
            asyncio.get_running_loop().add_signal_handler(signal.SIGINT, self._interrupt, striker)
            try:
                await self._rage(striker, crowd)
                await board.misbehave({})
                self._say("All is up again; waiting until nothing is under way any more.")
                await self._until_quiet(board)
                for patient in crowd:
                    await patient.look_once_more()
            finally:
                self._keep(striker, probes, time.monotonic() - began)
        return self._left

    async def _gather(self, board: Switchboard) -> tuple[Striker, list[Patient], Probes]:
        probes = Probes(board, self._plan.seed)
        components = {component.name: component for component in self._deployment.components}
        pace = Pace(self._plan.messages, self._plan.storm, self._over)
        world = World(self._left.diary, pace.turn, self._over.is_set, time.monotonic())
        crowd = []
        for number in range(1, self._plan.patients + 1):
            shown = f"+9198{number:08}" if number % 2 else None
            phone = await board.phone(f"Patient {number}", shown)
            crowd.append(Patient(number, self._plan.seed, phone, world))
        return Striker(components, self._threads, probes), crowd, probes

    async def _rage(self, striker: Striker, crowd: Sequence[Patient]) -> None:
        plan = self._plan
        chosen = [c for c in self._deployment.components if c.kind in plan.kinds]
        strikes = schedule(plan.seed, by_kind(chosen), plan.kills, plan.freezes, plan.storm)
        lives = [asyncio.create_task(patient.live()) for patient in crowd]
        aside = [asyncio.create_task(work) for work in (striker.watch(), self._progress(striker))]
        try:
            await striker.carry_out(strikes)
            await self._enough_messages()
            self._over.set()
            await asyncio.gather(*lives)
        finally:
            for task in (*aside, *lives):
                task.cancel()
            await asyncio.gather(*aside, *lives, return_exceptions=True)

    async def _enough_messages(self) -> None:
        """Wait for the planned number; patients that gave up must not hold it up for ever."""
        deadline = time.monotonic() + QUIET
        while self._left.diary.sent < self._plan.messages and not self._over.is_set():
            if time.monotonic() > deadline:
                return
            await asyncio.sleep(LOOK)

    async def _until_quiet(self, board: Switchboard) -> None:
        deadline, still = time.monotonic() + QUIET, 0
        while still < STILL:
            await asyncio.sleep(LOOK)
            ledger = json.loads(await board.reach("GET", f"/ledger?since={NOTHING_SINCE}"))
            waiting = await asyncio.to_thread(self._deployment.unfinished)
            still = still + 1 if ledger["idle"] and not waiting else 0
            if time.monotonic() > deadline:
                self._left.left_unfinished = waiting or ["webhooks"]
                return

    async def _progress(self, striker: Striker) -> None:
        def figures() -> dict[str, object]:
            diary = self._left.diary
            return {
                "sent": f"{diary.sent}/{self._plan.messages}",
                "answers": diary.answered,
                "kills": f"{striker.kills()}/{self._plan.kills}",
                "longest wait": diary.longest_wait(),
                "down": ",".join(sorted(striker.away)) or "-",
                **({"COMPLAINTS": len(diary.complaints)} if diary.complaints else {}),
            }

        every = max(SOONEST_NEWS, self._plan.storm / LINES)
        await progress.show(every, figures, self._deployment.backlog, self._say)

    def _interrupt(self, striker: Striker) -> None:
        if self._left.interrupted:
            raise KeyboardInterrupt
        self._left.interrupted = True
        self._over.set()
        striker.stop()
        self._say(
            "Ending: healing what is down, then judging what there is. Ctrl-C again to leave."
        )

    def _keep(self, striker: Striker, probes: Probes, seconds: float) -> None:
        mark_overlapping(striker.outages)
        self._left.outages = striker.outages
        self._left.ended_by_themselves = striker.ended_by_themselves
        self._left.crashes_at_start = {
            component.name: component.crashes
            for component in self._deployment.components
            if component.crashes
        }
        self._left.never_back = striker.never_back
        self._left.probes = probes.sent
        self._left.seconds = seconds


def misbehaviour(seed: int) -> dict[str, object]:
    """Meta at its worst: repeats, batches, disorder, late statuses, answers that tell nothing."""
    return {
        "duplicates": {"probability": 0.15, "copies": 1},
        "reorder": {"window": 4, "milliseconds": 60},
        "batch": {"size": 5, "milliseconds": 40},
        "delay": {"milliseconds": 20, "spread": 400, "only": "statuses"},
        "drop_answer": {"times": 1_000_000, "probability": 0.02},
        "unclear": {"probability": 0.02, "effect": 0.5},
        "seed": seed,
    }
