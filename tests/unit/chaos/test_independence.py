"""The modules that the checker stands on, so that it shares no mistake with the code it checks."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

CHECKER = Path(__file__).parents[2] / "chaos" / "checker"
ALLOWED = sys.stdlib_module_names | {"boto3", "botocore", "chaos", "psycopg2", "urllib3"}


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_the_checker_needs_python_two_clients_and_itself() -> None:
    modules = sorted(CHECKER.rglob("*.py"))
    names = {name for path in modules for name in imported(path)}
    assert "psycopg2" in names
    assert {name for name in names if name.split(".")[0] not in ALLOWED} == set()
    assert {name for name in names if name.startswith("chaos") and "checker" not in name} == set()
