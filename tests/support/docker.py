"""Docker, as far as tests of images go: builds the project's, and runs them as a cluster does."""

import json
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.servers.machine import program
from support.servers.waiting import wait_until

ROOT = Path(__file__).parents[2]
MISSING = "docker is missing: install Docker Engine, and let this account use it"
BUILD, RUN = 1200.0, 60.0
"""Seconds."""

RESTRICTED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
"""The rights of a pod under the `restricted` level, and a file system that can't be written to."""


@dataclass(frozen=True, slots=True)
class Image:
    """An image that was built here."""

    name: str

    def inspect(self) -> dict[str, Any]:
        """The engine's description of the image."""
        found: dict[str, Any] = json.loads(docker("image", "inspect", self.name).stdout)[0]
        return found

    def run(
        self,
        *command: str,
        options: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        given: bytes = b"",
    ) -> "subprocess.CompletedProcess[bytes]":
        """Runs a command to its end."""
        line = ["run", "--rm", "-i", *RESTRICTED, *_variables(environment or {}), *options]
        return subprocess.run(
            [str(_binary()), *line, self.name, *command],
            input=given,
            capture_output=True,
            timeout=RUN,
        )

    @contextmanager
    def running(
        self,
        *command: str,
        options: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> Iterator["Container"]:
        """Runs a command in the background, on this machine's network."""
        line = ["run", "-d", "--network", "host", *RESTRICTED, *_variables(environment or {})]
        started = docker(*line, *options, self.name, *command)
        container = Container(started.stdout.strip())
        try:
            yield container
        finally:
            docker("rm", "-f", container.id)


@dataclass(frozen=True, slots=True)
class Container:
    """A container that was started."""

    id: str

    @property
    def log(self) -> str:
        """The container's output so far."""
        done = docker("logs", self.id)
        return done.stdout + done.stderr

    @property
    def state(self) -> dict[str, Any]:
        """Whether it runs, and how it ended."""
        found: dict[str, Any] = json.loads(docker("inspect", self.id).stdout)[0]["State"]
        return found

    def terminate(self) -> tuple[int, float]:
        """Sends SIGTERM; returns the exit code, and the seconds that the end took."""
        began = time.monotonic()
        docker("kill", "--signal", "TERM", self.id)
        wait_until(lambda: not self.state["Running"], seconds=30, what="end", every=0.05)
        return int(self.state["ExitCode"]), time.monotonic() - began


def build(part: str, *, tag: str, arguments: Mapping[str, str] | None = None) -> Image:
    """Builds the image of `services` or `operator`, and uses again what was built before."""
    given = [f"--build-arg={name}={value}" for name, value in (arguments or {}).items()]
    name = f"medvault-{part}:{tag}"
    docker("build", "-f", f"{part}/Dockerfile", "-t", name, *given, ".", timeout=BUILD)
    return Image(name)


def docker(*arguments: str, timeout: float = RUN) -> "subprocess.CompletedProcess[str]":
    """Runs a command of docker's, from the project's root; RuntimeError has what it says."""
    done = subprocess.run(
        [str(_binary()), *arguments], cwd=ROOT, capture_output=True, text=True, timeout=timeout
    )
    if done.returncode:
        message = f"docker {arguments[0]} failed:\n{(done.stdout + done.stderr)[-4000:]}"
        raise RuntimeError(message)
    return done


def _binary() -> Path:
    return program("docker", missing=MISSING)


def _variables(environment: Mapping[str, str]) -> list[str]:
    return [f"--env={name}={value}" for name, value in environment.items()]
