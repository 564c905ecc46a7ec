"""All that is built can be written: builders and API agree on kinds and versions."""

from medvault_operator.kube.kinds import OPTIONAL, SECRET, VAULT, WATCHED
from medvault_operator.resources.objects import API_VERSIONS
from medvault_operator.world.cluster import OPTIONAL_APIS


def test_every_kind_that_is_built_is_known_in_its_version() -> None:
    known = {kind.name: kind.api_version for kind in (*WATCHED, *OPTIONAL, SECRET)}
    assert API_VERSIONS.items() <= known.items()


def test_nothing_is_watched_that_is_not_built() -> None:
    assert {kind.name for kind in WATCHED} <= API_VERSIONS.keys()


def test_secrets_are_neither_listed_nor_watched() -> None:
    assert SECRET not in WATCHED


def test_optional_kinds_are_those_that_the_world_tells_of() -> None:
    assert {kind.api for kind in OPTIONAL} <= set(OPTIONAL_APIS)
    assert VAULT.api == "medvault.dev/MedicalVault"
