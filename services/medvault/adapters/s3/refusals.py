"""The meaning of the store's answers for us."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    PartialCredentialsError,
)
from urllib3.exceptions import HTTPError

from medvault.domain.errors import MedvaultError, MissingObject, Permanent, Transient, Unavailable

DEPENDENCY = "storage"

_CODE = re.compile(rb"<Code>(\w{1,64})</Code>")
_AWAY = {408, 429}
_BUSY = {"RequestTimeout", "SlowDown", "InternalError", "ServiceUnavailable"}
_INTERRUPTED = {"IncompleteBody", "OperationAborted", "ConditionalRequestConflict"}
_NO_CREDENTIALS = {401, 403}
_UNKNOWN_KEY = "XAdminUserNotFound"
"""versitygw's word, with 404, for an access key that it does not know."""


def code_in(body: bytes) -> str:
    """Return the error code in an answer's XML, empty if there is none.

    https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    """
    found = _CODE.search(body)
    return found[1].decode() if found else ""


def refusal(status: int, code: str) -> MedvaultError:
    """Return the error for a status that is not 2xx."""
    if status >= 500 or status in _AWAY or code in _BUSY:
        return Unavailable(DEPENDENCY)
    if code in _INTERRUPTED:
        return Transient(f"storage: try again ({code})")
    said = f"HTTP {status} {code}".rstrip()
    if status in _NO_CREDENTIALS or code == _UNKNOWN_KEY:
        return Permanent(
            f"storage refused access ({said}): check MEDVAULT_S3_ACCESS_KEY and "
            "MEDVAULT_S3_SECRET_KEY, or the pod's identity, what they are allowed to do with the "
            "bucket (get, put, delete, list), and this machine's clock"
        )
    if status == 404 and code in {"", "NoSuchKey", "NoSuchVersion", "404"}:
        return MissingObject("the bucket has no such object")
    if status == 404:
        return Permanent(f"storage: the bucket does not exist, or not at this endpoint ({said})")
    if 300 <= status < 400:
        return Permanent(f"storage redirects ({said}): check the region and the endpoint")
    return Permanent(f"storage refused the request ({said})")


def declines(error: ClientError) -> bool:
    """Whether the store knows no such request, or doesn't permit it: trying again won't help."""
    status, code = _answer(error)
    if status == 501:
        return True
    passing = status in _AWAY or code in _BUSY | _INTERRUPTED
    return 400 <= status < 500 and status != 404 and not passing


@contextmanager
def answering() -> Iterator[None]:
    """Translate the errors of both libraries; the texts of urllib3's have the presigned URL."""
    try:
        yield
    except HTTPError:
        raise Unavailable(DEPENDENCY) from None
    except ClientError as error:
        raise refusal(*_answer(error)) from None
    except (NoCredentialsError, PartialCredentialsError):
        message = "storage: there are no credentials; set both keys or give the pod an identity"
        raise Permanent(message) from None
    except BotoCoreError:
        raise Unavailable(DEPENDENCY) from None


def _answer(error: ClientError) -> tuple[int, str]:
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    return status, error.response["Error"].get("Code", "")
