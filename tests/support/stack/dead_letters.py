"""Dead letters as an administrator meets them: by the command line, and as rows."""

import json
import subprocess
from typing import Any

from support.servers.waiting import wait_until
from support.stack.forking import run
from support.stack.stack import Stack

_ROWS = """
SELECT id::text, kind, reason, error, attempts, extract(epoch FROM died_at - began_at)::float
FROM dead_letters WHERE ended_at IS NULL AND kind = %s ORDER BY died_at
"""


def command(stack: Stack, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Runs `medvault dead-letters`."""
    return run(["dead-letters", *arguments], stack.inbound.environment)


def listed(stack: Stack, *arguments: str) -> list[dict[str, Any]]:
    """The dead letters that `list --json` prints."""
    found: list[dict[str, Any]] = json.loads(command(stack, "list", "--json", *arguments).stdout)
    return found


def dead(stack: Stack, kind: str) -> list[tuple[str, str, str, str | None, int, float]]:
    """Those of a kind: id, kind, reason, error, attempts, and the seconds until it died."""
    return stack.vault.tables.rows(_ROWS, kind)


def wait_for_dead(stack: Stack, kind: str, count: int, seconds: float = 60.0) -> None:
    """Waits until so many of a kind died."""
    wait_until(
        lambda: len(dead(stack, kind)) >= count, seconds=seconds, what=f"{count} dead {kind}"
    )
