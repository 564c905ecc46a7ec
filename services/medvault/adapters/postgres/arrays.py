"""PostgreSQL array literals.

One text parameter a column is far cheaper to build and to quote than a list that the driver adapts
element by element, and `unnest` reads it back.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID


def uuids(values: Iterable[UUID | None]) -> str:
    """Write a uuid[]."""
    return "{" + ",".join([v.hex if v is not None else "NULL" for v in values]) + "}"


def byteas(values: Iterable[bytes | None]) -> str:
    """Write a bytea[] in the hex format."""
    quoted = ['"\\\\x' + v.hex() + '"' if v is not None else "NULL" for v in values]
    return "{" + ",".join(quoted) + "}"


def numbers(values: Iterable[float | None]) -> str:
    """Write an array of numbers."""
    return "{" + ",".join([str(v) if v is not None else "NULL" for v in values]) + "}"


def booleans(values: Iterable[bool]) -> str:
    """Write a boolean[]."""
    return "{" + ",".join(["t" if v else "f" for v in values]) + "}"


def words(values: Iterable[str]) -> str:
    """Write a text[] of plain words: letters, digits, dots and underscores only."""
    return "{" + ",".join(values) + "}"


def times(values: Iterable[datetime | None]) -> str:
    """Write a timestamptz[]."""
    return "{" + ",".join([f'"{v.isoformat()}"' if v is not None else "NULL" for v in values]) + "}"
