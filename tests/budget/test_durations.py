"""No test takes so long that people stop running it."""

from support.durations import FILE, load, over_budget


def test_no_test_and_no_file_takes_longer_than_its_budget() -> None:
    found = load(FILE)
    assert found, f"{FILE} is missing: `make test` writes it"
    over = over_budget(found)
    assert not over, "mark what must take its time as `long`:\n" + "\n".join(over)
