import orjson
import pytest

from medvault.simulator.errors import GraphError, http_status, no_such_object


def test_an_error_has_metas_form() -> None:
    error = orjson.loads(GraphError(131047, "Too late.").body())["error"]
    assert error.pop("fbtrace_id")
    assert error == {
        "message": "(#131047) Re-engagement message",
        "type": "OAuthException",
        "code": 131047,
        "error_data": {"messaging_product": "whatsapp", "details": "Too late."},
    }


def test_an_expired_object_has_subcode_33() -> None:
    error = orjson.loads(no_such_object("123").body())["error"]
    assert (error["code"], error["error_subcode"]) == (100, 33)


@pytest.mark.parametrize(
    ("code", "status"),
    [(190, 401), (100, 400), (131056, 429), (130429, 429), (2, 503), (131000, 500), (214, 403)],
)
def test_codes_come_with_their_http_status(code: int, status: int) -> None:
    assert http_status(code) == status


def test_an_unknown_code_is_answered_all_the_same() -> None:
    assert GraphError(999_999, "?").status == 400
