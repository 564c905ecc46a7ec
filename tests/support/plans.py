"""The blocks that statements read while they run."""

import json
from collections.abc import Callable

from sqlalchemy import event

from medvault.ports.persistence import UnitOfWork
from support.vaults import Vault


def blocks(vault: Vault, call: Callable[[UnitOfWork], object]) -> int:
    """How many blocks the statements of a call read, wherever they lie."""
    read = 0

    def explain(_: object, cursor: object, statement: str, parameters: object, *__: object) -> None:
        nonlocal read
        for part in filter(str.strip, statement.split(";")):
            asked = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {part}"
            cursor.execute(asked, parameters)  # type: ignore[attr-defined]
            [(found,)] = cursor.fetchall()  # type: ignore[attr-defined]
            plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
            read += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]

    event.listen(vault.engine, "before_cursor_execute", explain)
    try:
        with vault.database.begin() as work:
            call(work)
    finally:
        event.remove(vault.engine, "before_cursor_execute", explain)
    return read
