"""docs/rights.md is what the operator gives each process, and none has what it must not have."""

import pytest

from medvault_operator.resources import rights
from unit.docs.pages import ROOT, rows

PAGE = ROOT / "docs" / "rights.md"
HEAD = "| process | holds | reaches | is reached by |"


def table(section: str) -> dict[str, list[str]]:
    """What each process holds, reaches and is reached by, as text, in one section of the page."""
    text = PAGE.read_text().partition(f"## {section}\n")[2].partition("\n## ")[0]
    lines = [line.strip("| ") for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.split("|")] for line in lines if line not in HEAD]
    return {name: [*more, "", ""][:3] for name, *more in cells}


@pytest.fixture(params=rights.SECTIONS)
def section(request: pytest.FixtureRequest) -> dict[str, list[str]]:
    """Each table in turn."""
    return table(request.param)


def test_the_page_is_what_the_operator_applies() -> None:
    assert PAGE.read_text() == rights.page(), "run: make manifests"
    assert rows(PAGE, HEAD)


def test_only_what_changes_the_schema_holds_the_owners_login(section: dict[str, list[str]]) -> None:
    holders = {name for name, (held, *_) in section.items() if "owner-url" in held}
    assert holders == {"migrate", "contract"}


def test_only_what_speaks_to_meta_holds_its_token_and_reaches_the_internet(
    section: dict[str, list[str]],
) -> None:
    speaking = {"media", "outbound"}
    assert {name for name, (held, *_) in section.items() if "whatsapp/token" in held} == speaking
    online = {name for name, (_, reached, _) in section.items() if "the internet" in reached}
    assert online - {"scanner"} == speaking


def test_only_the_api_is_open_to_everybody(section: dict[str, list[str]]) -> None:
    assert {name for name, (*_, by) in section.items() if "everybody" in by} == {"api"}


def test_only_media_reach_the_scanner() -> None:
    (inside, _) = rights.SECTIONS
    assert table(inside)["scanner"][2] == "media:3310"
