"""The plans of all statements that a database is asked to run, out of PostgreSQL's own log."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
from psycopg2 import sql

_SETTINGS = {
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_buffers": "on",
    "auto_explain.log_nested_statements": "on",
    "auto_explain.log_level": "log",
}
_ENTRY = re.compile(r"duration: ([\d.]+) ms  plan:\n((?:\t.*\n)+)")
_QUERY = re.compile(r"^\tQuery Text: (.*?)^\t(?=[A-Z][^\n]*\(cost=)", re.MULTILINE | re.DOTALL)
_QUOTED = re.compile(r"'[^']*'")
_LITERAL = re.compile(r"\b\d+\b")


@dataclass(slots=True)
class Statement:
    """A statement of any values: how often it ran, and the plan of its slowest run."""

    times: int = 0
    milliseconds: float = 0.0
    slowest: float = 0.0
    plan: str = ""

    def add(self, milliseconds: float, plan: str) -> None:
        """Count a run."""
        self.times += 1
        self.milliseconds += milliseconds
        if milliseconds >= self.slowest:
            self.slowest, self.plan = milliseconds, plan


@dataclass(slots=True)
class Plans:
    """The statements that ran while they were watched."""

    statements: dict[str, Statement] = field(default_factory=dict)

    def scans(self, tables: tuple[str, ...]) -> list[str]:
        """The statements that read one of these tables from end to end."""
        scan = re.compile(rf"Seq Scan on (?:public\.)?({'|'.join(tables)})\b")
        return [text for text, one in self.statements.items() if scan.search(one.plan)]

    def shown(self) -> str:
        """All of them, the dearest first."""
        ordered = sorted(self.statements.items(), key=lambda item: -item[1].milliseconds)
        return "\n\n".join(
            f"{one.times} runs, {one.milliseconds / one.times:.2f} ms each, "
            f"{one.slowest:.2f} ms at most\n{text}\n{one.plan}"
            for text, one in ordered
        )


@contextmanager
def watched(database: str, log: Path) -> Iterator[Plans]:
    """Have every session that begins within the block explain what it runs."""
    plans, before = Plans(), log.stat().st_size
    _configure(database, _SETTINGS)
    try:
        yield plans
    finally:
        _configure(database, dict.fromkeys(_SETTINGS))
    with log.open("rb") as file:
        file.seek(before)
        _read(file.read().decode(errors="replace"), plans)


def _configure(database: str, settings: dict[str, str] | dict[str, None]) -> None:
    name = sql.Identifier(urlsplit(database).path.removeprefix("/"))
    with closing(psycopg2.connect(database)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("LOAD 'auto_explain'")
        for setting, value in settings.items():
            to = sql.SQL("DEFAULT") if value is None else sql.Literal(value)
            # A setting's name has a dot in it that is no quote's affair.
            change = sql.SQL("ALTER DATABASE {} SET " + setting + " TO {}")
            cursor.execute(change.format(name, to))


def _read(log: str, plans: Plans) -> None:
    for milliseconds, entry in _ENTRY.findall(log):
        query = _QUERY.match(entry)
        text = " ".join(query[1].split()) if query else "?"
        plan = entry[query.end() - 1 :] if query else entry
        known = plans.statements.setdefault(_shape(text) + _root(plan), Statement())
        known.add(float(milliseconds), _without_values(plan))


def _root(plan: str) -> str:
    """Each of several statements in one text has a plan of its own."""
    return " -- " + plan.strip().split("  (cost", 1)[0]


def _shape(text: str) -> str:
    """A statement without any values."""
    return _LITERAL.sub("…", _without_values(text))


def _without_values(text: str) -> str:
    return _QUOTED.sub("'…'", text)
