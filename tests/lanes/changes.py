"""Which files changed: since a commit, or as somebody saved them."""

import json
import os
import subprocess
from collections.abc import Mapping


class UnknownCommitError(Exception):
    """git does not know the commit to compare with; the text is git's."""


def since(commit: str) -> list[str]:
    """The files that differ from where this branch left a commit's, paths from the root.

    Files that git does not track yet are among them.
    """
    left = _git("merge-base", commit, "HEAD")
    differ = _git("diff", "--name-only", *left)
    return sorted({*differ, *_git("ls-files", "--others", "--exclude-standard")})


def saved(environment: Mapping[str, str] = os.environ) -> list[str]:
    """The files that watchfiles saw change, as it tells the command that it starts."""
    seen = json.loads(environment.get("WATCHFILES_CHANGES", "[]"))
    return sorted({os.path.relpath(path) for _, path in seen})


def _git(*command: str) -> list[str]:
    line = ["git", "-c", "core.quotePath=false", *command]
    done = subprocess.run(line, capture_output=True, text=True)
    if done.returncode:
        raise UnknownCommitError(done.stderr.strip())
    return done.stdout.splitlines()
