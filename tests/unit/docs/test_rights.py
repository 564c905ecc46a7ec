"""docs/rights.md is what the operator gives each process, and none has what it must not have."""

import re

import pytest

from medvault_operator import rights
from unit.docs.pages import ROOT, rows

PAGE = ROOT / "docs" / "rights.md"
HEAD = "| process | holds | may do | reaches | is reached by |"
SERVICES = {"api", "inbound", "media", "outbound"}


def table(section: str) -> dict[str, list[str]]:
    """The cells of each process in one section of the page: holds, may do, reaches, reached by."""
    text = PAGE.read_text().partition(f"## {section}\n")[2].partition("\n## ")[0]
    lines = [line.strip("| ") for line in text.splitlines() if line.startswith("| ")]
    split = [re.split(r"(?<!\\)\|", line) for line in lines if line not in HEAD]
    cells = [[cell.strip() for cell in line] for line in split]
    return {name: [*more, "", "", ""][:4] for name, *more in cells}


def holders(section: dict[str, list[str]], key: str) -> set[str]:
    """The processes that hold a key of a Secret."""
    return {name for name, (held, *_) in section.items() if f"/{key}`" in held}


@pytest.fixture(params=rights.SECTIONS)
def section(request: pytest.FixtureRequest) -> dict[str, list[str]]:
    """Each table in turn."""
    return table(request.param)


def test_the_page_is_what_the_operator_applies() -> None:
    assert PAGE.read_text() == rights.page(), "run: make manifests"
    assert rows(PAGE, HEAD)


def test_only_what_changes_the_schema_holds_the_owners_login(section: dict[str, list[str]]) -> None:
    assert holders(section, "owner-url") == {"migrate", "contract"}


def test_a_login_is_one_process_own_and_the_migrations(section: dict[str, list[str]]) -> None:
    for process in SERVICES:
        assert holders(section, f"{process}-url") == {process, "migrate"}
    assert holders(section, "url") & SERVICES <= {"inbound", "media", "outbound"}
    for process in SERVICES:
        held = section[process][0]
        assert "database/url" not in held
        assert "broker/url" not in held


def test_the_api_can_open_nothing(section: dict[str, list[str]]) -> None:
    assert holders(section, "intake-key") == {"api"}
    assert holders(section, "keys") == SERVICES - {"api"}


def test_only_who_sets_the_bucket_up_has_its_administrators_keys(
    section: dict[str, list[str]],
) -> None:
    assert holders(section, "access-key") - {"storage"} == {"migrate"}
    assert holders(section, "media-secret-key") == {"media"}


def test_every_process_has_rights_and_nobody_else(section: dict[str, list[str]]) -> None:
    assert {name for name, (_, allowed, *_) in section.items() if allowed} == SERVICES
    (store,) = [name for name, (_, allowed, *_) in section.items() if "s3:" in allowed]
    assert store == "media"


def test_only_what_speaks_to_meta_holds_its_token_and_reaches_the_internet(
    section: dict[str, list[str]],
) -> None:
    speaking = {"media", "outbound"}
    assert {name for name, (held, *_) in section.items() if "whatsapp/token" in held} == speaking
    online = {name for name, (_, _, reached, _) in section.items() if "the internet" in reached}
    assert online - {"scanner"} == speaking


def test_only_the_api_is_open_to_everybody(section: dict[str, list[str]]) -> None:
    assert {name for name, (*_, by) in section.items() if "everybody" in by} == {"api"}


def test_only_media_reach_the_scanner() -> None:
    (inside, _) = rights.SECTIONS
    assert table(inside)["scanner"][3] == "media:3310"
