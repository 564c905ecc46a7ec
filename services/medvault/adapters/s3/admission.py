"""Lets a user of the store into the bucket, to work with files and nothing else."""

import json
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from medvault.adapters.s3.client import connect
from medvault.adapters.s3.options import S3Options
from medvault.adapters.s3.refusals import answering

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ON_BUCKET: Final = ("s3:ListBucket",)
ON_OBJECTS: Final = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")
"""Not DeleteObjectVersion: an object that is deleted or replaced stays as a version."""


def admit(options: S3Options, user: str) -> None:
    """Make it the bucket's policy that `user`, by its access key, does this much.

    For a store of medvault's own, whose users are in no other policy. Raises `Permanent` where the
    keys may not do so, `Unavailable` if the store does not answer.
    """
    client = connect(options)
    wanted = policy(options.bucket, user)
    with answering():
        if _found(client, options.bucket) != wanted:
            client.put_bucket_policy(Bucket=options.bucket, Policy=json.dumps(wanted))


def policy(bucket: str, user: str) -> dict[str, Any]:
    """Return the policy, in the form that all S3 stores know."""
    place = f"arn:aws:s3:::{bucket}"
    rights = {place: ON_BUCKET, f"{place}/*": ON_OBJECTS}
    statements = [
        {"Effect": "Allow", "Principal": {"AWS": [user]}, "Action": [*actions], "Resource": [where]}
        for where, actions in rights.items()
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def _found(client: "S3Client", bucket: str) -> Any:
    try:
        return json.loads(client.get_bucket_policy(Bucket=bucket)["Policy"])
    except ClientError as error:
        if error.response["Error"].get("Code") != "NoSuchBucketPolicy":
            raise
        return None
