"""One line on how a command ended, where a cluster looks for it."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from medvault.observability.terminal import say
from medvault.settings import PREFIX

VARIABLE = f"{PREFIX}TERMINATION_LOG"
_LONGEST = 2000
"""Characters of a value; Kubernetes keeps 4096 bytes of the file."""


def leave(facts: Mapping[str, str | list[str]]) -> None:
    """Write a JSON object into the file that the setting names, if it does.

    It is read from the environment, since settings that can't be loaded are told there too.
    """
    path = os.environ.get(VARIABLE, "").strip()
    if not path:
        return
    short = {
        name: value[:_LONGEST] if isinstance(value, str) else value for name, value in facts.items()
    }
    try:
        Path(path).write_text(json.dumps(short) + "\n")
    except OSError:
        say(f"{VARIABLE} names a file that can't be written", wrong=True)
