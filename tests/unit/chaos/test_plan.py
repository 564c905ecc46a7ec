"""The parts of a run, and the runs that can't be."""

import pytest

from chaos.plan import EMBEDDED_KINDS, KINDS, Nonsense, plan
from chaos.run import main


def test_a_long_run_takes_the_time_that_its_kills_need() -> None:
    found = plan(seed=1, messages=10_000, kills=200)
    assert 25 <= found.minutes <= 40
    assert (found.messages, found.kills) == (10_000, 200)
    assert found.kinds == KINDS


def test_minutes_alone_decide_how_much_fits() -> None:
    short, long = plan(seed=1, minutes=2), plan(seed=1, minutes=4)
    assert short.kills < long.kills
    assert short.messages < long.messages
    assert short.kills >= len(KINDS), "each kind at least once"


@pytest.mark.parametrize(
    "asked",
    [
        {"messages": 123, "kills": 7},
        {"minutes": 2.5},
        {"minutes": 3.0, "kills": 4, "only": "postgres,api"},
        {"minutes": 1.5, "embedded": True},
    ],
)
def test_the_command_of_a_plan_makes_the_same_plan(asked: dict[str, object]) -> None:
    made = plan(seed=11, **asked)  # type: ignore[arg-type]
    given = dict(word.split("=") for word in made.command.split()[2:])
    again = plan(
        seed=int(given["SEED"]),
        messages=int(given["MESSAGES"]),
        kills=int(given["KILLS"]),
        minutes=float(given["MINUTES"]),
        only=given.get("ONLY"),
        embedded="EMBEDDED" in given,
    )
    assert again == made


def test_more_than_fits_into_the_minutes_is_refused_with_what_would_do() -> None:
    with pytest.raises(Nonsense, match=r"take .* minutes at the least") as refused:
        plan(seed=1, kills=200, minutes=3)
    needed = float(str(refused.value).partition(" take ")[2].partition(" minutes")[0])
    assert plan(seed=1, kills=200, minutes=needed).kills == 200


def test_only_takes_what_there_is() -> None:
    assert plan(seed=1, only="api, s3").kinds == ("api", "s3")
    assert plan(seed=1, embedded=True).kinds == EMBEDDED_KINDS
    with pytest.raises(Nonsense, match="there is no mongodb: ONLY takes api,"):
        plan(seed=1, only="mongodb")
    with pytest.raises(Nonsense, match="there is no api: ONLY takes medvault, postgres"):
        plan(seed=1, only="api", embedded=True)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--messages", "0"], "0 is not at least 1"),
        (["--kills", "-3"], "-3 is below 0"),
        (["--kills", "many"], "invalid"),
        (["--minutes", "soon"], "invalid"),
        (["--frequency", "3"], "unrecognized"),
    ],
)
def test_nonsense_on_the_command_line_is_named(
    given: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(given)
    assert said in capsys.readouterr().err


def test_a_run_that_cannot_be_ends_with_2_before_anything_starts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--minutes", "1", "--kills", "500"]) == 2
    assert "give more MINUTES, or fewer MESSAGES or KILLS" in capsys.readouterr().err


def test_help_says_what_a_seed_repeats(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    said = capsys.readouterr().out
    assert "A seed repeats" in said
    assert all(kind in said for kind in KINDS)
