"""The commit that is checked out, and others compared with it."""

import subprocess
from functools import cache

_DOCS = (":!docs", ":!*.md")


@cache
def head() -> str:
    """Its name; empty where there is no repository."""
    done = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True)
    return done.stdout.strip()


@cache
def differs(commit: str) -> bool:
    """Whether a commit differs in more than the docs, or git does not know it."""
    if commit == head():
        return False
    compared = ["git", "diff", "--quiet", commit, "HEAD", "--", ".", *_DOCS]
    return not commit or subprocess.run(compared, capture_output=True).returncode != 0
