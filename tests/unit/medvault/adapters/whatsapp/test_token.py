from collections.abc import Callable
from pathlib import Path

import pytest

from medvault.adapters.whatsapp.token import LOOK_EVERY, TokenFile


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_token_that_is_replaced_is_used_within_a_second(tmp_path: Path) -> None:
    file, clock = tmp_path / "token", Clock()
    file.write_text("first\n")
    token = TokenFile(file, "first", clock)
    file.write_text("second\n")
    assert token() == "first"
    clock.now += LOOK_EVERY
    assert token() == "second"


@pytest.mark.parametrize(
    "spoil",
    [Path.unlink, lambda file: file.write_text(" "), lambda file: file.write_bytes(b"\xff")],
)
def test_a_file_that_says_nothing_leaves_the_token_as_it_was(
    tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    file, clock = tmp_path / "token", Clock()
    file.write_text("first")
    token = TokenFile(file, "first", clock)
    spoil(file)
    clock.now += LOOK_EVERY
    assert token() == "first"
    file.write_text("second")
    clock.now += LOOK_EVERY
    assert token() == "second"
