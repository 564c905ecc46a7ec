"""Secrets without their values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Secret:
    """A Secret: which keys it has, never their values; `version` changes with its content."""

    keys: frozenset[str]
    version: str
