"""The schema of the release before is migrated while its processes run, and start."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit

import pytest

from medvault.adapters.postgres.release import APPLICATION, NEEDED
from medvault.domain.dead_letters import MAX_ATTEMPTS
from support import pdfs
from support.clinic import webhooks
from support.servers.machine import free_port
from support.servers.waiting import wait_until
from support.stack.dead_letters import dead
from support.stack.environment import NewServers
from support.stack.filing import asked_for_date, file_pdf, list_one
from support.stack.meta import PATH
from support.stack.phone import Phone
from support.stack.release import BEFORE, newest_revision, release_before
from support.stack.service import Service, run
from support.stack.stack import COMMANDS, Stack, running_stack
from support.stack.traffic import Traffic

RATE = 40
Figures = Callable[..., None]


@pytest.fixture
def old(
    new_servers: NewServers,
    tmp_path: Path,
) -> Iterator[Stack]:
    """The release before, on its own schema."""
    program, environment = release_before(tmp_path / "old")
    assert newest_revision(tmp_path / "old") == BEFORE
    (tmp_path / "run").mkdir()
    with (
        new_servers() as servers,
        running_stack(servers, tmp_path / "run", program=program, more=environment) as running,
    ):
        yield running


@pytest.fixture
def new(old: Stack, tmp_path: Path) -> Iterator[tuple[Service, ...]]:
    """The same processes of this release, not started yet, each on a port of its own."""
    without = {name: value for name, value in old.api.environment.items() if name != "PYTHONPATH"}
    with ExitStack() as stack:
        processes = []
        for command, setting in COMMANDS:
            port = free_port()
            more = without | {setting: str(port)}
            name = f"new {command.split()[-1]}"
            processes.append(Service(command.split(), more, tmp_path, port, name=name))
            stack.callback(processes[-1].kill)
        yield tuple(processes)


def revision(stack: Stack) -> str:
    (found,) = stack.vault.tables.column("SELECT version_num FROM alembic_version")
    return str(found)


def poison(stack: Stack, phone: Phone) -> None:
    """A message that nobody can read, from this phone."""
    assert stack.meta.post(webhooks.poison(phone.user_id, f"wamid.{token_hex(8)}")).status == 200


def wait_for_deaths(stack: Stack, count: int) -> None:
    died = "SELECT 1 FROM inbox WHERE outcome = 'dead'"
    wait_until(
        lambda: len(stack.vault.tables.column(died)) == count, seconds=30, what=f"{count} deaths"
    )


def restarted(process: Service) -> None:
    assert process.terminate() == 0
    process.start()
    process.wait()


def traffic_to(stack: Stack, api: Service) -> Traffic:
    return Traffic(f"{api.url}{PATH}", stack.keys.app_secret, RATE)


@pytest.mark.long("two releases, side by side")
@pytest.mark.timeout(240)
def test_the_release_before_runs_on_while_the_schema_expands_and_ends_before_it_contracts(
    old: Stack, new: tuple[Service, ...], figures: Figures
) -> None:
    before, new_environment = revision(old), new[0].environment
    filed, midway, poisoned, other = (old.phone() for _ in range(4))
    pdf, another = pdfs.scanned(), pdfs.scanned() + b"\n% another\n"
    file_pdf(filed, pdf)
    asked_for_date(midway, another)
    midway.say("2 May 2019", "Which hospital")
    poison(old, poisoned)
    wait_for_deaths(old, 1)
    poison(old, poisoned)  # is still being tried when the schema changes
    parked = "UPDATE outbox SET state = 5 WHERE patient_id = %s"
    old.vault.tables.rows(parked, str(old.vault.patient(filed)))

    too_early = run(["worker", "inbound"], new_environment)
    assert too_early.returncode == 2
    assert f"{NEEDED} is needed: run `medvault migrate` first" in too_early.stderr

    with traffic_to(old, old.api) as traffic:
        expanded = run(["migrate"], new_environment)
        assert expanded.returncode == 0, expanded.stderr
        assert before < NEEDED == revision(old)
        other.say("hello", "Welcome")
        restarted(old.inbound)
        wait_for_deaths(old, 2)
        list_one(filed)
        refused = run(["migrate", "--contract"], new_environment)
        assert refused.returncode == 2
        assert "earlier release" in refused.stderr
        assert revision(old) == NEEDED
        answers = traffic.finish()
    assert answers.failed == 0
    assert old.vault.missing(answers.accepted) == 0
    noted = {row[1:3] + row[4:5] for row in dead(old, "update")}
    assert noted == {("update", "unreadable", MAX_ATTEMPTS)}
    assert len(dead(old, "update")) == 2

    for process in new:
        process.start()
    for process in new:
        process.wait()
    midway.say("City Hospital", "What kind")  # by either of the releases
    with traffic_to(old, new[0]) as traffic:
        for process in old.processes[1:]:
            assert process.terminate() == 0
        old.meta.settle()
        assert old.api.terminate() == 0
        wait_until(lambda: gone(old), seconds=10, what="the end of all old connections")
        assert formats(old) == {1}, "the release before can open all that was written beside it"
        contracted = run(["migrate", "--contract"], new_environment)
        assert contracted.returncode == 0, contracted.stderr
        mixed = traffic.finish()
    assert mixed.failed == 0
    assert old.vault.missing(mixed.accepted) == 0
    assert revision(old) >= NEEDED

    take_over(old, new[0])
    midway.say("blood test", "Shall I file it?")
    midway.say("yes", "Filed: Lab test, City Hospital, 2 May 2019")
    for phone, expected in ((filed, pdf), (midway, another)):
        list_one(phone)
        assert phone.download(phone.say("GET 1", "City Hospital")) == expected
    assert len(dead(old, "update")) == 2
    wait_until(lambda: renewed(old, poisoned), seconds=20, what="a value of the newest format")
    wait_until(lambda: by_public_key(old, other), seconds=20, what="what only the ring opens")
    figures(
        webhooks=len(answers.answers) + len(mixed.answers),
        failed=answers.failed + mixed.failed,
        expand_p99_ms=answers.milliseconds(0.99),
        expand_longest_ms=answers.milliseconds(1),
        contract_p99_ms=mixed.milliseconds(0.99),
        contract_longest_ms=mixed.milliseconds(1),
    )


def formats(stack: Stack) -> set[int]:
    """The formats that replies are sealed in."""
    return set(stack.vault.tables.column("SELECT DISTINCT get_byte(content, 0) FROM outbox"))


def renewed(stack: Stack, phone: Phone) -> bool:
    """Whether the newest format is written by now."""
    phone.say("HELP", "What I can do")
    return 3 in formats(stack)


def by_public_key(stack: Stack, phone: Phone) -> bool:
    """Whether the API, which has the ring too, seals by the public key by now."""
    poison(stack, phone)
    newest = "SELECT encode(substr(content, 3, 1), 'escape') FROM inbox ORDER BY seq DESC LIMIT 1"
    return stack.vault.tables.column(newest) == ["@"]


def gone(stack: Stack) -> bool:
    """Whether the server has noticed that the old processes ended."""
    names = "SELECT DISTINCT application_name FROM pg_stat_activity WHERE usename = %s"
    user = urlsplit(stack.vault.tables.service_url).username
    return stack.vault.tables.column(names, user) == [APPLICATION]


def take_over(old: Stack, api: Service) -> None:
    """Lets Meta, which knows one address, find the new API there."""
    port = old.api.url.rpartition(":")[2]
    assert api.terminate() == 0
    api.environment = {**api.environment, "MEDVAULT_PORT": port}
    api.url = old.api.url
    api.start()
    api.wait()
