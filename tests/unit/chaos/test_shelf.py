"""A patient notices a list or a description that is not right."""

import random
from typing import Any

from chaos import files
from chaos.answers import labels, option
from chaos.shelf import Shelf


def filled(count: int) -> tuple[Shelf, dict[str, Any]]:
    """A shelf, and the list that shows it rightly."""
    shelf, dice = Shelf(), random.Random(3)
    for number in range(count):
        shelf.filed.append(shelf.describe(dice, files.pdf(dice, f"report {number}")))
    page = shelf.listed()[:10]
    rows = [
        {"title": f"{n}. {entry.spoken_day}", "description": f"{entry.kind}, {entry.hospital}"}
        for n, entry in enumerate(page, start=1)
    ]
    text = f"Your reports, newest first: 1 to {len(page)} of {count}. Tap one to get it"
    return shelf, {"text": text, "rows": rows}


def test_the_right_list_is_recognised() -> None:
    for count in (1, 3, 12):
        shelf, listed = filled(count)
        assert shelf.is_shown_by(listed)


def test_a_list_that_lacks_one_or_swaps_two_is_wrong() -> None:
    shelf, listed = filled(3)
    assert not shelf.is_shown_by({**listed, "rows": listed["rows"][:2]})
    assert not shelf.is_shown_by({**listed, "rows": listed["rows"][::-1]})
    assert not shelf.is_shown_by({**listed, "text": listed["text"].replace("of 3", "of 4")})
    described = [{**row, "description": "Other, Nowhere"} for row in listed["rows"]]
    assert not shelf.is_shown_by({**listed, "rows": described})


def test_no_two_reports_are_of_one_day_and_no_two_files_alike() -> None:
    shelf, _ = filled(50)
    assert len({entry.day for entry in shelf.filed}) == 50
    assert len({entry.digest for entry in shelf.filed}) == 50


def test_the_same_seed_makes_the_same_files() -> None:
    for make in (files.pdf, files.photo, files.no_report):
        assert make(random.Random(5), "x") == make(random.Random(5), "x")
        assert make(random.Random(5), "x").data != make(random.Random(6), "x").data


def test_a_message_says_all_that_it_says() -> None:
    merged = {"text": "What I can do\n\nBack to your report: *What date is on the report?*"}
    assert labels(merged) == {"help", "back to it", "date?"}
    assert labels({"text": "Filed: Lab test", "media_id": "7"}) == {"filed", "file"}
    assert labels({"text": "nothing that we know"}) == set()
    offered = {"rows": [{"id": "type:1:lab", "title": "Lab test"}]}
    assert option(offered, "Lab test") == "type:1:lab"
    assert option(offered, "Other") is None
