"""Ids of another kind are refused by the type checker."""

from collections.abc import Callable
from uuid import UUID

from medvault.domain import object_keys
from medvault.domain.audit import Action, Entry
from medvault.domain.identifiers import LetterId, MediaId, PersonId, ReportId, vault_of
from medvault.domain.place import Place
from medvault.ports.vault import Owned

ID = UUID(int=1)
ANNA, FILE, REPORT, LETTER = PersonId(ID), MediaId(ID), ReportId(ID), LetterId(ID)

# `make types` fails where one of these is no error any more: nothing would be left to ignore.
SWAPPED: tuple[Callable[[], object], ...] = (
    lambda: Place.file(FILE, ANNA),  # type: ignore[arg-type]
    lambda: Place.letter(LETTER, vault_of(ANNA)),  # type: ignore[arg-type]
    lambda: Entry(ID, ANNA, Action.REPORT_SENT),  # type: ignore[arg-type]
    lambda: object_keys.report(FILE),  # type: ignore[arg-type]
    lambda: Owned(REPORT, ANNA),  # type: ignore[arg-type]
    lambda: vault_of(ID),  # type: ignore[arg-type]
)


def test_a_swapped_id_is_an_error_to_the_type_checker_alone() -> None:
    assert all(make() is not None for make in SWAPPED)


def test_a_patients_own_vault_has_the_patients_id() -> None:
    assert Place.state(ANNA).vault == vault_of(ANNA) == ANNA
