import pytest

from medvault.adapters.postgres.leases import scripts
from medvault.adapters.postgres.states import named


def test_names_become_the_numbers_that_are_stored() -> None:
    statement = "UPDATE outbox SET state = {QUEUED} WHERE state IN ({SENDING}, {UNCONFIRMED})"
    assert named(statement) == "UPDATE outbox SET state = 10 WHERE state IN (20, 30)"


def test_a_column_can_be_kept_from_its_index() -> None:
    assert named("{unindexed o.state} < {ACCEPTED}") == "o.state + 0 < 40"


def test_braces_of_arrays_stay() -> None:
    assert named("SELECT '{}'::uuid[], '{a,b}'") == "SELECT '{}'::uuid[], '{a,b}'"


def test_a_state_that_does_not_exist_is_no_statement() -> None:
    with pytest.raises(KeyError):
        named("state = {SENDED}")


def test_no_name_is_left_in_the_functions_that_lease_work() -> None:
    assert [script for script in scripts() if "{unindexed" in script or "{QUEUED}" in script] == []
