"""All webhooks that wait go into one commit."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
import uvloop

from medvault.adapters.postgres.group_commit import GroupCommit
from medvault.domain.errors import Unavailable
from medvault.domain.identifiers import LaneId
from support.vaults import Vault

Run = Callable[[Coroutine[Any, Any, None]], None]
pytestmark = pytest.mark.alone
"""A commit is waited for no longer than a webhook may wait for its answer."""


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    """Each event loop in turn."""
    factory = uvloop.new_event_loop if request.param == "uvloop" else asyncio.new_event_loop

    def runs(main: Coroutine[Any, Any, None]) -> None:
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(main)

    return runs


@asynccontextmanager
async def committing(vault: Vault) -> AsyncIterator[GroupCommit]:
    """A started group commit."""
    inbox = GroupCommit(vault.service_url)
    await inbox.start()
    yield inbox
    await inbox.stop()


COUNTED = """
CREATE TABLE commits (rows bigint);
GRANT INSERT ON commits TO medvault_service;
CREATE FUNCTION count_commit() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN INSERT INTO commits SELECT count(*) FROM added; RETURN NULL; END $$;
CREATE TRIGGER counted AFTER INSERT ON inbox REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION count_commit();
GRANT SELECT ON commits TO vault_owner
"""
"""Notes each statement that adds to the inbox: each is one commit."""


def test_many_webhooks_take_few_commits(vault: Vault, run: Run) -> None:
    with vault.admin.begin() as admin:
        admin.exec_driver_sql(COUNTED)
    updates = [vault.message(LaneId(uuid4())) for _ in range(300)]

    async def main() -> None:
        async with committing(vault) as inbox:
            await asyncio.gather(*(inbox.add([update]) for update in updates))

    run(main())
    assert vault.one("SELECT count(*) FROM inbox") == 300
    assert vault.one("SELECT sum(rows) FROM commits") == 300
    assert vault.one("SELECT count(*) FROM commits") <= 3


def test_an_add_returns_only_once_it_is_committed(vault: Vault, run: Run) -> None:
    async def main() -> None:
        async with committing(vault) as inbox:
            for number in range(1, 20):
                await inbox.add([vault.message(LaneId(uuid4()))])
                assert vault.one("SELECT count(*) FROM inbox") == number

    run(main())


def test_more_than_fits_into_a_statement_is_committed_all_the_same(vault: Vault, run: Run) -> None:
    updates = [vault.message(LaneId(uuid4())) for _ in range(4500)]

    async def main() -> None:
        async with committing(vault) as inbox:
            adds = [inbox.add(updates[n : n + 9]) for n in range(0, 4500, 9)]
            outcomes = await asyncio.gather(*adds, return_exceptions=True)
            await until_available(inbox)  # a slow machine commits it after the callers have left
        assert {type(one) for one in outcomes} <= {type(None), Unavailable}

    run(main())
    assert vault.one("SELECT count(*) FROM inbox") == 4500


def test_what_is_known_is_committed_again_without_effect(vault: Vault, run: Run) -> None:
    updates = [vault.message(LaneId(uuid4()), str(number)) for number in range(20)]

    async def main() -> None:
        async with committing(vault) as inbox:
            await asyncio.gather(*(inbox.add([one]) for one in [*updates, *updates]))
            await inbox.add([*updates, vault.message(LaneId(uuid4()))])

    run(main())
    assert vault.one("SELECT count(*) FROM inbox") == 21


def test_the_order_of_arrival_is_the_order_of_the_inbox(vault: Vault, run: Run) -> None:
    subject = LaneId(uuid4())

    async def main() -> None:
        async with committing(vault) as inbox:
            adds = [
                asyncio.ensure_future(inbox.add([vault.message(subject, str(number))]))
                for number in range(30)
            ]
            await asyncio.gather(*adds)

    run(main())
    with vault.database.begin() as work:
        [claimed] = work.conversations.claim([subject], vault.new_id)
    assert [update.content for update in claimed.pending] == [
        str(number).encode() for number in range(30)
    ]


@pytest.mark.parametrize("waits", [False, True])
def test_stopping_commits_what_is_under_way_and_what_waits(
    vault: Vault, run: Run, *, waits: bool
) -> None:
    async def main() -> None:
        inbox = GroupCommit(vault.service_url)
        await inbox.start()
        with vault.owner.connect() as holder:
            holder.exec_driver_sql("LOCK TABLE inbox IN EXCLUSIVE MODE")
            adds = [asyncio.ensure_future(inbox.add([vault.message(LaneId(uuid4()))]))]
            await asyncio.to_thread(vault.blocked)
            if waits:
                adds.append(asyncio.ensure_future(inbox.add([vault.message(LaneId(uuid4()))])))
                await asyncio.sleep(0)
            stopping = asyncio.ensure_future(inbox.stop())
            await asyncio.sleep(0)
            holder.rollback()
        await asyncio.gather(stopping, *adds)

    run(main())
    assert vault.one("SELECT count(*) FROM inbox") == 1 + waits


def test_a_caller_who_leaves_takes_nobody_along(vault: Vault, run: Run) -> None:
    async def main() -> None:
        async with committing(vault) as inbox:
            leaver, stayer = (
                asyncio.ensure_future(inbox.add([vault.message(LaneId(uuid4()))])) for _ in range(2)
            )
            await asyncio.sleep(0)
            leaver.cancel()
            await stayer
            with pytest.raises(asyncio.CancelledError):
                await leaver

    run(main())
    assert vault.one("SELECT count(*) FROM inbox") == 2


def test_a_refused_statement_refuses_its_callers_and_nothing_later(vault: Vault, run: Run) -> None:
    vault.sql("ALTER TABLE inbox ADD CONSTRAINT full_disk CHECK (kind <> 'message')")

    async def main() -> None:
        async with committing(vault) as inbox:
            adds = [inbox.add([vault.message(LaneId(uuid4()))]) for _ in range(5)]
            refused = await asyncio.gather(*adds, return_exceptions=True)
            assert [type(one) for one in refused] == [Unavailable] * 5
            vault.sql("ALTER TABLE inbox DROP CONSTRAINT full_disk")
            await until_available(inbox)
            await inbox.add([vault.message(LaneId(uuid4()))])

    run(main())
    assert vault.one("SELECT count(*) FROM inbox") == 1


async def until_available(inbox: GroupCommit) -> None:
    """Returns once commits are taken again."""
    async with asyncio.timeout(10):
        while True:
            try:
                inbox.check()
            except Unavailable:
                await asyncio.sleep(0.01)
            else:
                return
