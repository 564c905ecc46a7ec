"""Makes a bucket what medvault wants: there, keeping versions, removing what nobody needs."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from medvault.adapters.s3.client import connect
from medvault.adapters.s3.lifecycle import with_ours
from medvault.adapters.s3.options import S3Options
from medvault.adapters.s3.refusals import DEPENDENCY, answering, declines
from medvault.domain.errors import Permanent, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import LifecycleRuleOutputTypeDef

_NOBODY_NAMES = "us-east-1"
"""The one region that Amazon refuses to be told when a bucket is made."""


class Feature(StrEnum):
    """A feature that a store may have, and medvault can do without."""

    VERSIONING = "versioning"
    LIFECYCLE = "lifecycle"


@dataclass(frozen=True, slots=True)
class Lack:
    """A feature that the store does not know, or that these keys may not set; `code` says which."""

    feature: Feature
    code: str


def prepare(options: S3Options) -> list[Lack]:
    """Do what is not done yet, and return what the store declined.

    Raises `Permanent` with advice where the keys are wrong, or the bucket is missing and they may
    not make it; `Unavailable` if the store does not answer.
    """
    client = connect(options)
    steps: dict[Feature, Callable[[], None]] = {
        Feature.VERSIONING: lambda: _keep_versions(client, options.bucket),
        Feature.LIFECYCLE: lambda: _set_rules(client, options.bucket),
    }
    try:
        with answering():
            _make(client, options)
            tried = [_declined(feature, step) for feature, step in steps.items()]
    except Unavailable:
        advice = "check the endpoint, and the network on the way to it"
        raise Unavailable(DEPENDENCY, advice) from None
    return [lack for lack in tried if lack]


def _declined(feature: Feature, step: Callable[[], None]) -> Lack | None:
    try:
        step()
    except ClientError as error:
        if not declines(error):
            raise
        return Lack(feature, _code(error))
    return None


def _make(client: "S3Client", options: S3Options) -> None:
    try:
        client.list_objects_v2(Bucket=options.bucket, MaxKeys=1)
    except ClientError as error:
        if _code(error) != "NoSuchBucket":
            raise
        _create(client, options)


def _create(client: "S3Client", options: S3Options) -> None:
    """Make the bucket; somebody else may do the same at this moment."""
    try:
        if options.region == _NOBODY_NAMES:
            client.create_bucket(Bucket=options.bucket)
        else:
            place: Any = {"LocationConstraint": options.region}
            client.create_bucket(Bucket=options.bucket, CreateBucketConfiguration=place)
    except ClientError as error:
        if _code(error) == "BucketAlreadyOwnedByYou":
            return
        if not declines(error):
            raise
        raise Permanent(
            f"storage: the bucket is missing, and these keys may not make it ({_code(error)}): "
            "make it, or check its name"
        ) from None


def _keep_versions(client: "S3Client", bucket: str) -> None:
    if client.get_bucket_versioning(Bucket=bucket).get("Status") != "Enabled":
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})


def _set_rules(client: "S3Client", bucket: str) -> None:
    found = _rules(client, bucket)
    wanted = with_ours(found)
    if wanted != found:
        client.put_bucket_lifecycle_configuration(
            Bucket=bucket, LifecycleConfiguration={"Rules": wanted}
        )


def _rules(client: "S3Client", bucket: str) -> "list[LifecycleRuleOutputTypeDef]":
    try:
        return client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    except ClientError as error:
        if _code(error) != "NoSuchLifecycleConfiguration":
            raise
        return []


def _code(error: ClientError) -> str:
    return error.response["Error"].get("Code", "")
