import orjson
import pytest

from medvault.adapters.whatsapp.errors import GraphError, reaction, read_error
from medvault.domain.outbound import Reaction

TABLE = {
    Reaction.RETRY: [131057],
    Reaction.NUMBER_RATE: [4, 80007, 130429],
    Reaction.PAIR_RATE: [131056],
    Reaction.STOP_LINE: [0, 10, 190, *range(200, 300), 368, 131031, 131042, 133010],
    Reaction.WINDOW_CLOSED: [131047],
    Reaction.IDENTITY_CHANGED: [137000],
    Reaction.PERMANENT: [100, 131008, 131009, 131026, 131051, 131053, 131062, 132000, 132999],
}


@pytest.mark.parametrize(
    ("code", "expected"), [(code, asked) for asked, codes in TABLE.items() for code in codes]
)
def test_a_known_code_decides_whatever_the_http_status(code: int, expected: Reaction) -> None:
    assert {reaction(code, status) for status in (200, 400, 401, 429, 500)} == {expected}


@pytest.mark.parametrize("code", [1, 2, 131000, 131016, 133004])
def test_a_trouble_at_meta_may_have_come_after_the_message_was_taken(code: int) -> None:
    assert {reaction(code, status) for status in (500, 502, 503)} == {Reaction.UNKNOWN}
    assert {reaction(code, status) for status in (400, 401, 429)} == {Reaction.RETRY}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, Reaction.PERMANENT),
        (404, Reaction.PERMANENT),
        (401, Reaction.STOP_LINE),
        (403, Reaction.STOP_LINE),
        (429, Reaction.RETRY),
        (500, Reaction.UNKNOWN),
        (503, Reaction.UNKNOWN),
    ],
)
def test_an_unknown_code_leaves_it_to_the_http_status(status: int, expected: Reaction) -> None:
    assert reaction(999_999, status) is expected


@pytest.mark.parametrize("status", [302, 400, 403, 404, 413])
def test_an_answer_without_a_code_says_nothing_against_the_message(status: int) -> None:
    assert reaction(None, status) is Reaction.RETRY


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_gateway_may_have_passed_on_what_it_could_not_bring_an_answer_to(status: int) -> None:
    assert reaction(None, status) is Reaction.UNKNOWN


def test_code_and_subcode_are_read() -> None:
    error = read_error(orjson.dumps({"error": {"code": 100, "error_subcode": 33}}))
    assert error == GraphError(100, 33)
    assert error.no_such_object


@pytest.mark.parametrize(
    "answer",
    [b"", b"<html>", b"[]", b"1", b"null", b"{}", b'{"error":null}', b'{"error":[]}', b"\xff"],
)
def test_another_answer_has_no_code(answer: bytes) -> None:
    assert read_error(answer) == GraphError()


@pytest.mark.parametrize("code", ['"100"', "true", "null", "1.5", "[]"])
def test_a_code_is_a_whole_number(code: int) -> None:
    assert read_error(f'{{"error":{{"code":{code}}}}}'.encode()) == GraphError()
