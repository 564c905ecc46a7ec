"""Everything that services and operator log is seen here as it is written."""

from collections.abc import Collection
from pathlib import Path

import pytest

from medvault.observability.redaction import FIELDS
from medvault_operator.observability.logs import FIELDS as OPERATORS_FIELDS
from support.log_calls import log_calls

ROOT = Path(__file__).parents[2]
BRIDGE = "services/medvault/observability/records.py"
"""Hands on what others log, once it has looked at it by itself."""

BEFORE = """
import structlog
log = structlog.get_logger(__name__)
"""
OF_THE_OPERATOR = """
import logging
log = logging.getLogger(__name__)

def _named(name):
    return {"vault": name.name, "phone": name.phone}
"""


@pytest.mark.parametrize(
    ("room", "fields", "least"), [("services", FIELDS, 30), ("operator", OPERATORS_FIELDS, 12)]
)
def test_every_log_call_has_a_literal_event_and_plain_values_in_fields_of_the_list(
    room: str, fields: Collection[str], least: int
) -> None:
    modules = [path for path in (ROOT / room).rglob("*.py") if path != ROOT / BRIDGE]
    calls = [call for path in modules for call in log_calls(path, fields)]
    assert len(calls) >= least, "the walk sees them at all"
    assert [call for call in calls if call.faults] == []


@pytest.mark.parametrize(
    "planted",
    [
        'log.info(f"filed {title}")',
        'log.info("filed %s", title)',
        'log.info("filed " + title)',
        "log.info(title)",
        'log.info("filed" if title else title)',
        'log.info("filed", report=title)',
        'log.info("filed", **fields)',
        'given.info("filed")',
        'self.logger.warning("filed", phone=title)',
        'log.info("filed", reason=f"it was {title}")',
        'log.info("filed", reason="it was " + title)',
        'log.info("filed", reason=title.lower())',
        'log.info("filed", reason=error.args[0])',
        'log.info("filed", reason=caught.strerror)',
        'log.info("filed", reason=message.text)',
        'log.bind(caption=title).info("filed")',
        'log.bind(reason=str(title)).info("filed")',
        'structlog.get_logger().error("failed", reason=repr(title))',
        "structlog.contextvars.bind_contextvars(user=title)",
        'try:\n    work()\nexcept ValueError as error:\n    log.warning("failed", reason=error)',
        'try:\n    work()\nexcept ValueError as error:\n    log.error("failed", error=str(error))',
    ],
)  # fmt: skip
def test_a_call_that_may_show_content_is_found(planted: str) -> None:
    faults = [call.faults for call in log_calls(Path("planted.py"), FIELDS, BEFORE + planted)]
    assert any(faults), planted


@pytest.mark.parametrize(
    "planted",
    [
        'log.info("Read.", extra={"reason": str(error)})',
        'log.info("Read.", extra={"secret": error.reason})',
        'log.info("Read.", extra={name: error.reason})',
        'log.info("Read.", extra=_named(name))',
        'log.info("Read.", extra=found)',
        'log.info("Read %s.", name)',
        'logging.getLogger(__name__).error(f"Read {name}.")',
    ],
)
def test_so_is_one_of_the_operators(planted: str) -> None:
    written = OF_THE_OPERATOR + planted
    faults = [call.faults for call in log_calls(Path("planted.py"), OPERATORS_FIELDS, written)]
    assert any(faults), planted


def test_a_call_as_it_should_be_has_no_fault() -> None:
    written = BEFORE + (
        "try:\n    work()\nexcept ValueError as error:\n"
        '    log.warning("failed" if again else "failed for good", count=len(items),'
        " queue=self._name, error=type(error).__name__, state=state.value,"
        " dependency=error.dependency)"
    )
    (call,) = log_calls(Path("planted.py"), FIELDS, written)
    assert call.faults == ()
