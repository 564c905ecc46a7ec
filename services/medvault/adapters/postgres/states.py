"""The states of letters in statements: names in braces, which become the numbers of `SendState`."""

import re

from sqlalchemy import TextClause, text

from medvault.domain.outbound import SendState

_NAME = re.compile(r"\{([A-Z]+)\}")
_UNINDEXED = re.compile(r"\{unindexed ((?:\w+\.)?\w+)\}")


def named(statement: str) -> str:
    """Return a statement as PostgreSQL reads it; raises KeyError where a state has another name.

    `{QUEUED}` is a state. `{unindexed o.state}` is a column that the planner must not look up by an
    index: the index by state seems cheap to it, and holds the letters of all patients.
    """
    plain = _UNINDEXED.sub(r"\1 + 0", statement)
    return _NAME.sub(lambda found: str(int(SendState[found[1]])), plain)


def statement(named_sql: str) -> TextClause:
    """Return what SQLAlchemy runs of a statement with names."""
    return text(named(named_sql))
