from typing import Any
from uuid import UUID

import orjson
import pytest

from medvault.adapters.whatsapp.statuses import read_status
from medvault.domain.errors import Permanent
from medvault.domain.identifiers import LetterId
from medvault.domain.outbound import DeliveryStatus, SendState

REFERENCE = LetterId(UUID("01941f29-7c00-7000-8000-000000000001"))


def read(**fields: object) -> DeliveryStatus | None:
    status = {"id": "wamid.1", "status": "sent", "timestamp": "1795000000", **fields}
    return read_status(orjson.dumps(status))


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("sent", SendState.SENT),
        ("delivered", SendState.DELIVERED),
        ("read", SendState.READ),
        ("played", SendState.READ),
        ("failed", SendState.FAILED),
    ],
)
def test_each_status_names_a_state(name: Any, state: SendState) -> None:
    assert read(status=name) == DeliveryStatus("wamid.1", state)


@pytest.mark.parametrize("name", ["deleted", "warning", "", None, 3, ["sent"]])
def test_an_unknown_status_says_nothing(name: Any) -> None:
    assert read(status=name) is None


def test_reference_and_code_are_read() -> None:
    status = read(status="failed", biz_opaque_callback_data=str(REFERENCE), errors=[{"code": 7}])
    assert status == DeliveryStatus("wamid.1", SendState.FAILED, REFERENCE, 7)


@pytest.mark.parametrize("opaque", ["another system's", "", None, 5, [], {}])
def test_foreign_callback_data_is_no_reference(opaque: object) -> None:
    assert read(biz_opaque_callback_data=opaque) == DeliveryStatus("wamid.1", SendState.SENT)


@pytest.mark.parametrize("errors", [None, [], {}, "x", [None], ["x"], [{}], [{"code": "7"}]])
def test_odd_errors_give_no_code(errors: object) -> None:
    assert read(status="failed", errors=errors) == DeliveryStatus("wamid.1", SendState.FAILED)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"{}", b'"x"', b'{"id":"1"}'])
def test_what_is_no_status_is_permanent(content: bytes) -> None:
    with pytest.raises(Permanent) as raised:
        read_status(content)
    assert str(raised.value) == "a status of unknown shape"
