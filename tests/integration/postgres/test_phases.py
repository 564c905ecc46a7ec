"""A migration expands while the release before runs, and contracts once it is gone."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from medvault.adapters.postgres import revision, schema
from medvault.adapters.postgres.engine import connect
from medvault.adapters.postgres.release import APPLICATION, NEEDED
from medvault.domain.errors import Permanent
from support.servers.postgres import Postgres
from support.stack.release import BEFORE
from support.vaults import OWNER, SERVICE, as_user, migrated_to, upgrade

DIED = """
INSERT INTO inbox (key, subject, kind, attempts, done_at, outcome)
SELECT gen_random_uuid(), gen_random_uuid(), 'message', 4, now(), outcome
FROM unnest(ARRAY['dead', 'handled', 'dead']) AS outcome
"""
NOTED = "SELECT reason, attempts FROM dead_letters ORDER BY reason"


ASKED = """
WITH patient AS (INSERT INTO patients (id) VALUES (gen_random_uuid()) RETURNING id)
INSERT INTO conversations (patient_id, subject, deadline)
SELECT id, gen_random_uuid(), '2026-11-23' FROM patient
"""
SKIPPED, LEFT_OUT = "0003", "0007"
"""A release before the one before; and the one before without its contract step."""


@pytest.fixture
def owner(postgres: Postgres) -> Iterator[Engine]:
    """The owner of a database as the release before left it."""
    with _owner(postgres, BEFORE) as engine:
        yield engine


@pytest.fixture
def older(postgres: Postgres) -> Iterator[Engine]:
    """The owner of a database as a release left it that was skipped."""
    with _owner(postgres, SKIPPED) as engine:
        yield engine


@contextmanager
def _owner(postgres: Postgres, revision: str) -> Iterator[Engine]:
    url = postgres.new_database()
    engine = connect(as_user(url, OWNER), options="")
    with postgres.making_roles():
        migrated_to(url, revision)
    yield engine
    engine.dispose()
    postgres.drop_database(url)


def revisions() -> list[tuple[str, str]]:
    """Every revision and its phase, oldest first."""
    steps = ScriptDirectory.from_config(schema._config()).walk_revisions()
    return [(step.revision, step.module.phase) for step in reversed(list(steps))]


def rows(engine: Engine, statement: str) -> list[tuple[object, ...]]:
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        return [tuple(row) for row in result] if result.returns_rows else []


def service(owner: Engine) -> Engine:
    """A service's connections."""
    url = owner.url.render_as_string(hide_password=False).replace("+psycopg2", "")
    return connect(as_user(url, SERVICE), options="")


def test_every_migration_has_a_phase_and_the_code_needs_the_newest_that_expands() -> None:
    assert {phase for _, phase in revisions()} == {"expand", "contract"}
    assert max(revision for revision, phase in revisions() if phase == "expand") == NEEDED


def test_migrating_goes_as_far_as_the_release_before_can_follow(owner: Engine) -> None:
    assert schema.migrate(owner) == NEEDED
    assert schema.migrate(owner) == NEEDED
    revision.require_current(owner)
    assert schema.migrate(owner, contract=True) == revisions()[-1][0]
    assert schema.migrate(owner) == revisions()[-1][0]
    revision.require_current(owner)


def test_a_deadline_that_the_release_before_writes_sets_the_timer(owner: Engine) -> None:
    with owner.begin() as connection:
        connection.execute(text(ASKED))
    schema.migrate(owner)
    assert rows(owner, "SELECT name, rings_at = '2026-11-23' FROM timers") == [("session", True)]
    for written in ("'2026-11-24'", "NULL"):
        rows(owner, f"UPDATE conversations SET deadline = {written}")
        assert rows(owner, "SELECT rings_at = '2026-11-24' FROM timers") == [(True,)]
    schema.migrate(owner, contract=True)
    assert rows(owner, "SELECT rings_at = '2026-11-24' FROM timers") == [(True,)]


def test_what_died_before_there_were_dead_letters_is_noted(older: Engine) -> None:
    rows(older, DIED)
    schema.migrate(older, contract=True)
    assert rows(older, NOTED) == [("unrecorded", 4)] * 2


def test_what_the_release_before_lets_die_meanwhile_is_noted_until_it_is_gone(
    older: Engine,
) -> None:
    with older.connect() as connection:
        upgrade(connection, LEFT_OUT)
    rows(older, DIED)
    assert rows(older, NOTED) == [], "a row that is born dead is nobody's"
    rows(older, "UPDATE inbox SET outcome = 'dead', done_at = now() WHERE outcome = 'handled'")
    assert rows(older, NOTED) == [("unrecorded", 4)]
    schema.migrate(older, contract=True)
    rows(older, "UPDATE inbox SET outcome = 'dead'")
    assert len(rows(older, NOTED)) == 1


@pytest.mark.parametrize("name", ["medvault", "medvault/0003", "psql", ""])
def test_nothing_is_taken_away_while_a_service_of_the_release_before_is_connected(
    owner: Engine, name: str
) -> None:
    schema.migrate(owner)
    older = service(owner)
    with older.connect() as connection:
        connection.execute(text(f"SET application_name = '{name}'"))
        with pytest.raises(Permanent, match="still connected"):
            schema.migrate(owner, contract=True)
    assert schema.migrate(owner) == NEEDED
    older.dispose()


def test_services_of_this_release_and_of_later_ones_may_go_on(owner: Engine) -> None:
    schema.migrate(owner)
    current = service(owner)
    with current.connect() as connection:
        for name in (APPLICATION, "medvault/9999"):
            connection.execute(text(f"SET application_name = '{name}'"))
            connection.commit()
            assert schema.migrate(owner, contract=True) == revisions()[-1][0]
    current.dispose()


ENTRY = (
    "INSERT INTO audit (id, patient_id, action) VALUES (gen_random_uuid(), gen_random_uuid(), 'x')"
)
UNLINKED = "SELECT count(*) FROM audit_entries_to_link(10)"


def test_the_release_before_links_the_audit_until_it_is_gone(owner: Engine) -> None:
    schema.migrate(owner)
    rows(owner, ENTRY)
    rows(
        owner,
        ENTRY.replace("action)", "action, identity)").replace("'x'", "'x', gen_random_uuid()"),
    )
    older = service(owner)
    assert rows(older, UNLINKED) == [(1,)], "it does not know what an identity is"
    assert rows(older, "SELECT count(*) FROM audit_links") == [(0,)]
    older.dispose()
    schema.migrate(owner, contract=True)
    later = service(owner)
    assert rows(later, "SELECT link_audit(10)") == [(2,)]
    for statement in (UNLINKED, "SELECT count(*) FROM audit_links"):
        with pytest.raises(ProgrammingError):
            rows(later, statement)
    later.dispose()


def test_this_release_is_alone_once_the_schema_has_contracted(owner: Engine) -> None:
    assert not revision.is_alone(owner)
    schema.migrate(owner)
    assert not revision.is_alone(owner)
    schema.migrate(owner, contract=True)
    assert revision.is_alone(owner)


NEXT = """
from alembic import op

revision = "9999"
down_revision = "{newest}"
phase = "expand"


def upgrade() -> None:
    op.execute("CREATE TABLE next_release (id int)")
"""


@pytest.fixture
def next_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The code of the release after this one, which expands the schema further."""
    steps, newest = tmp_path / "migrations", revisions()[-1][0]
    shutil.copytree(Path(schema.__file__).parent / "migrations", steps)
    (steps / "versions" / "9999_next_release.py").write_text(NEXT.format(newest=newest))
    config = Config()
    config.set_main_option("script_location", str(steps))
    monkeypatch.setattr(schema, "_config", lambda: config)


def test_a_contract_step_that_was_left_out_is_asked_for_before_the_next_release_expands(
    older: Engine, request: pytest.FixtureRequest
) -> None:
    with older.connect() as connection:
        upgrade(connection, LEFT_OUT)
    left_out = next(step for step, phase in revisions() if phase == "contract")
    request.getfixturevalue("next_release")
    with pytest.raises(Permanent, match=f"the contract step {left_out} .* was never run: run `med"):
        schema.migrate(older)
    assert rows(older, "SELECT to_regclass('next_release'), version_num FROM alembic_version") == [
        (None, LEFT_OUT)
    ]
    assert schema.migrate(older, contract=True) == "9999"


@pytest.mark.usefixtures("next_release")
def test_a_release_that_was_skipped_has_to_migrate_first(older: Engine) -> None:
    with pytest.raises(Permanent, match="was never run"):
        schema.migrate(older)
    assert rows(older, "SELECT version_num FROM alembic_version") == [(SKIPPED,)]
