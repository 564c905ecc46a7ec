"""The rules of the house that no linter knows."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("services", "operator", "tests")
NAMELESS = {"util", "utils", "helper", "helpers", "common", "constants", "misc"}
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def test_no_module_is_longer_than_400_lines() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in MODULES}
    assert [str(path) for path, length in lengths.items() if length > 400] == []


def test_the_median_module_has_about_a_hundred_lines() -> None:
    lengths = sorted(len(path.read_text().splitlines()) for path in MODULES)
    assert lengths[len(lengths) // 2] <= 150


def test_every_room_has_a_name_of_its_own() -> None:
    rooms = {path.stem for path in MODULES} | {path.parent.name for path in MODULES}
    assert rooms & NAMELESS == set()


def test_nothing_is_kept_that_belongs_to_one_machine() -> None:
    kept = subprocess.run(
        ["git", "ls-files", "--cached", "--ignored", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert kept.stdout.splitlines() == []


@pytest.mark.parametrize("folder", ["operator", "tests"])
def test_what_would_shadow_the_standard_library_is_no_package(folder: str) -> None:
    packages = [path.parent for path in (ROOT / folder).rglob("__init__.py")]
    named = [path for path in packages if path.name in ("operator", "tests") or folder == "tests"]
    assert named == []


def test_the_standard_librarys_operator_is_found_from_the_root() -> None:
    found = subprocess.run(
        [sys.executable, "-c", "import operator; print(operator.__file__)"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(found.stdout.strip()).parent.name.startswith("python3")
