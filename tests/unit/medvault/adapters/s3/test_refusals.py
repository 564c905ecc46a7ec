import pytest

from medvault.adapters.s3.options import S3Options
from medvault.adapters.s3.refusals import code_in, refusal
from medvault.domain.errors import MedvaultError, MissingObject, Permanent, Transient, Unavailable


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (500, "InternalError", Unavailable),
        (502, "", Unavailable),
        (503, "SlowDown", Unavailable),
        (429, "", Unavailable),
        (400, "RequestTimeout", Unavailable),
        (400, "IncompleteBody", Transient),
        (409, "OperationAborted", Transient),
        (404, "NoSuchKey", MissingObject),
        (404, "", MissingObject),
        (404, "NoSuchBucket", Permanent),
        (403, "AccessDenied", Permanent),
        (301, "PermanentRedirect", Permanent),
        (400, "InvalidRequest", Permanent),
    ],
)
def test_an_answer_says_whether_to_wait_or_try_or_give_up(
    status: int, code: str, kind: type[MedvaultError]
) -> None:
    assert type(refusal(status, code)) is kind


@pytest.mark.parametrize(
    ("status", "code", "advice"),
    [
        (404, "XAdminUserNotFound", "refused access .*check MEDVAULT_S3_ACCESS_KEY"),
        (403, "RequestTimeTooSkewed", r"RequestTimeTooSkewed.*check MEDVAULT_S3_ACCESS_KEY.*clock"),
        (404, "NoSuchBucket", "bucket does not exist"),
        (307, "TemporaryRedirect", "check the region and the endpoint"),
    ],
)
def test_a_refusal_that_an_admin_can_mend_says_how(status: int, code: str, advice: str) -> None:
    with pytest.raises(Permanent, match=advice):
        raise refusal(status, code)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"<Error><Code>NoSuchKey</Code><Key>secret</Key></Error>", "NoSuchKey"),
        (b"<Error><Code>two words</Code></Error>", ""),
        (b"<html>not S3 at all", ""),
        (b"", ""),
    ],
)
def test_only_an_error_code_is_taken_from_an_answer(body: bytes, code: str) -> None:
    assert code_in(body) == code


def test_the_secret_key_is_not_shown() -> None:
    assert "hunter2" not in repr(S3Options("b", "r", None, "access", "hunter2"))
