"""PostgreSQL dies or freezes under the group commit: callers hear so in time for the answer."""

import asyncio
import gc
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any
from uuid import uuid4

import pytest
import uvloop

from medvault.adapters.postgres.group_commit import ANSWER_WITHIN, GroupCommit
from medvault.domain.errors import Unavailable
from medvault.domain.identifiers import LaneId
from support.servers.machine import free_port
from support.servers.postgres import PrivatePostgres, wheel_binaries
from support.servers.waiting import wait_until
from support.vaults import Vault, migrated

Scene = Callable[[Vault, GroupCommit], Coroutine[Any, Any, None]]
IN_TIME = ANSWER_WITHIN + 0.1
AT_ONCE = 0.02
CLOCK = 0.01  # uvloop counts milliseconds, so a timer may ring a little before its time
pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def server() -> Iterator[PrivatePostgres]:
    """A server to be killed and frozen."""
    with PrivatePostgres(wheel_binaries()) as server:
        yield server


@pytest.fixture(params=["asyncio", "uvloop"])
def play(server: PrivatePostgres, request: pytest.FixtureRequest) -> Callable[[Scene], None]:
    """Plays a scene on each event loop; any complaint of the loop fails it."""
    server.start()
    vault = Vault(server.new_database(migrated))
    factory = uvloop.new_event_loop if request.param == "uvloop" else asyncio.new_event_loop
    complaints: list[str] = []

    async def main(scene: Scene) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, about: complaints.append(str(about)))
        inbox = GroupCommit(vault.service_url)
        await inbox.start()
        try:
            await scene(vault, inbox)
        finally:
            await inbox.stop()
        gc.collect()
        await asyncio.sleep(0)

    def plays(scene: Scene) -> None:
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(main(scene))
        vault.close()
        assert complaints == []

    return plays


async def refused(inbox: GroupCommit, vault: Vault) -> float:
    """The seconds that an add takes to be refused."""
    began = time.perf_counter()
    with pytest.raises(Unavailable):
        await inbox.add([vault.message(LaneId(uuid4()))])
    return time.perf_counter() - began


async def added(inbox: GroupCommit, vault: Vault) -> None:
    """Adds again until it succeeds."""
    async with asyncio.timeout(20):
        while True:
            try:
                await inbox.add([vault.message(LaneId(uuid4()))])
            except Unavailable:
                await asyncio.sleep(0.02)
            else:
                return


def test_a_killed_database_refuses_in_time_and_is_found_again(
    server: PrivatePostgres, play: Callable[[Scene], None]
) -> None:
    async def scene(vault: Vault, inbox: GroupCommit) -> None:
        await inbox.add([vault.message(LaneId(uuid4()))])
        await asyncio.to_thread(server.kill)
        adds = await asyncio.gather(*(refused(inbox, vault) for _ in range(50)))
        assert max(adds) < IN_TIME
        for _ in range(15):  # while it tries to connect, and is turned away
            assert await refused(inbox, vault) < AT_ONCE
            await asyncio.sleep(0.1)
        with pytest.raises(Unavailable):
            inbox.check()
        server.start()  # it ends with the thread that started it
        await added(inbox, vault)
        vault.owner.dispose()
        assert vault.one("SELECT count(*) FROM inbox") == 2

    play(scene)


def test_a_frozen_database_refuses_in_time_then_at_once_and_comes_back(
    server: PrivatePostgres, play: Callable[[Scene], None]
) -> None:
    async def scene(vault: Vault, inbox: GroupCommit) -> None:
        await inbox.add([vault.message(LaneId(uuid4()))])
        await asyncio.to_thread(server.pause)
        try:
            adds = await asyncio.gather(*(refused(inbox, vault) for _ in range(50)))
            assert ANSWER_WITHIN - 0.02 < max(adds) < IN_TIME
            for _ in range(20):
                assert await refused(inbox, vault) < AT_ONCE
                await asyncio.sleep(0.1)
        finally:
            await asyncio.to_thread(server.resume)
        await added(inbox, vault)

    play(scene)


def both_connections(vault: Vault) -> set[int]:
    """The processes of the server that it commits on: the second connects after it has begun."""
    backends = "SELECT pid FROM pg_stat_activity WHERE usename = 'vault_app'"

    def connected() -> set[int]:
        with vault.admin.connect() as admin:
            return set(admin.exec_driver_sql(backends).scalars())

    wait_until(lambda: len(connected()) == 2, seconds=10, what="both connections")
    return connected()


def test_a_short_freeze_costs_no_connection(
    server: PrivatePostgres, play: Callable[[Scene], None]
) -> None:
    async def scene(vault: Vault, inbox: GroupCommit) -> None:
        await inbox.add([vault.message(LaneId(uuid4()))])
        before = await asyncio.to_thread(both_connections, vault)
        await asyncio.to_thread(server.pause)
        assert await refused(inbox, vault) < IN_TIME
        await asyncio.to_thread(server.resume)
        await added(inbox, vault)
        assert await asyncio.to_thread(both_connections, vault) == before
        assert vault.one("SELECT count(*) FROM inbox") == 3

    play(scene)


def test_who_is_patient_waits_for_the_database_to_come_back(
    server: PrivatePostgres, play: Callable[[Scene], None]
) -> None:
    async def scene(vault: Vault, inbox: GroupCommit) -> None:
        await asyncio.to_thread(server.pause)
        try:
            assert await refused(inbox, vault) < IN_TIME
            began = time.perf_counter()
            with pytest.raises(Unavailable):
                await inbox.add([vault.message(LaneId(uuid4()))], patience=0.3)
            assert time.perf_counter() - began > 0.3 - CLOCK
            patient = asyncio.ensure_future(
                inbox.add([vault.message(LaneId(uuid4()))], patience=20)
            )
            await asyncio.sleep(0)
        finally:
            await asyncio.to_thread(server.resume)
        await patient
        assert vault.one("SELECT count(*) FROM inbox") >= 1

    play(scene)


def test_a_terminated_connection_is_replaced(
    server: PrivatePostgres, play: Callable[[Scene], None]
) -> None:
    async def scene(vault: Vault, inbox: GroupCommit) -> None:
        with vault.admin.begin() as admin:
            admin.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'vault_app'"
            )
        assert await refused(inbox, vault) < IN_TIME
        await added(inbox, vault)

    play(scene)


def test_stopping_over_a_frozen_database_does_not_hang(
    server: PrivatePostgres, play: Callable[[Scene], None]
) -> None:
    async def scene(vault: Vault, inbox: GroupCommit) -> None:
        await asyncio.to_thread(server.pause)
        try:
            late = asyncio.ensure_future(refused(inbox, vault))
            await asyncio.sleep(0)
            async with asyncio.timeout(1.5):
                await inbox.stop()
            assert await late < IN_TIME
        finally:
            await asyncio.to_thread(server.resume)

    play(scene)


def test_a_start_without_a_database_refuses_and_goes_on_trying() -> None:
    async def main() -> None:
        inbox = GroupCommit(f"postgresql://somebody:secret@127.0.0.1:{free_port()}/nowhere")
        async with asyncio.timeout(2):
            await inbox.start()
        with pytest.raises(Unavailable):
            await inbox.add([])
        await inbox.stop()

    asyncio.run(main())
