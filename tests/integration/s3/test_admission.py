"""Media's own user of a managed store works with files, and changes neither bucket nor versions."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from medvault.adapters.s3.admission import admit
from medvault.adapters.s3.client import connect
from medvault.adapters.s3.options import S3Options
from medvault.adapters.s3.preparation import prepare
from medvault.adapters.s3.store import S3ObjectStore
from medvault_operator.resources import generated_logins
from support.medical_vaults import ROUTED, vault
from support.servers.s3 import REGION, PrivateS3

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "medvault"
KEY = "reports/1"


@dataclass(frozen=True)
class Store:
    """A managed store with a bucket, as its root and as media see it."""

    root: S3Options
    media: S3Options


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    made = generated_logins.storage(vault(ROUTED), os.urandom)
    with PrivateS3(users=made["users.json"]) as server:
        root = S3Options(BUCKET, REGION, server.endpoint, server.access_key, server.secret_key)
        prepare(root)
        access, private = made["media-access-key"], made["media-secret-key"]
        yield Store(root, replace(root, access_key=access, secret_key=private))


@pytest.fixture
def let_in(store: Store) -> Store:
    admit(store.root, store.media.access_key or "")
    return store


def test_media_does_its_work(let_in: Store) -> None:
    files = S3ObjectStore(let_in.media)
    files.check()
    files.put("incoming/1", [b"sealed"], 6)
    files.copy("incoming/1", "reports/2")
    with files.get("reports/2") as chunks:
        assert b"".join(chunks) == b"sealed"
    assert list(files.keys("reports/2")) == ["reports/2"]
    files.delete("incoming/1")
    assert list(files.keys("incoming/")) == []


def _policy(client: "S3Client", _: str) -> None:
    open_to_all = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"],
    }
    told = {"Version": "2012-10-17", "Statement": [open_to_all]}
    client.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(told))


def _by_the_list(client: "S3Client", version: str) -> None:
    listed: Any = {"Objects": [{"Key": KEY, "VersionId": version}]}
    for error in client.delete_objects(Bucket=BUCKET, Delete=listed).get("Errors", ()):
        said: Any = {"Error": error, "ResponseMetadata": {"HTTPStatusCode": 403}}
        assert error.get("Code") == "AccessDenied"
        raise ClientError(said, "DeleteObjects")


TRESPASSES: "dict[str, Callable[[S3Client, str], Any]]" = {
    "delete a version": lambda client, version: client.delete_object(
        Bucket=BUCKET, Key=KEY, VersionId=version
    ),
    "delete versions by the list": _by_the_list,
    "read a version": lambda client, version: client.get_object(
        Bucket=BUCKET, Key=KEY, VersionId=version
    ),
    "stop keeping versions": lambda client, _: client.put_bucket_versioning(
        Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"}
    ),
    "change the policy": _policy,
    "delete the policy": lambda client, _: client.delete_bucket_policy(Bucket=BUCKET),
    "delete the bucket": lambda client, _: client.delete_bucket(Bucket=BUCKET),
    "make a bucket": lambda client, _: client.create_bucket(Bucket="elsewhere"),
}


@pytest.mark.parametrize("act", TRESPASSES.values(), ids=TRESPASSES)
def test_media_changes_neither_bucket_nor_versions(
    let_in: Store, act: "Callable[[S3Client, str], Any]"
) -> None:
    root, media = connect(let_in.root), connect(let_in.media)
    version = root.put_object(Bucket=BUCKET, Key=KEY, Body=b"sealed")["VersionId"]
    with pytest.raises(ClientError) as refused:
        act(media, version)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    kept = root.get_object(Bucket=BUCKET, Key=KEY, VersionId=version)
    assert kept["Body"].read() == b"sealed"


@pytest.mark.parametrize("name", ["delete a version", "read a version", "change the policy"])
def test_the_root_may(let_in: Store, name: str) -> None:
    root = connect(let_in.root)
    version = root.put_object(Bucket=BUCKET, Key=KEY, Body=b"sealed")["VersionId"]
    TRESPASSES[name](root, version)


def test_a_user_who_is_not_let_in_reaches_nothing(store: Store) -> None:
    connect(store.root).delete_bucket_policy(Bucket=BUCKET)
    with pytest.raises(ClientError):
        connect(store.media).list_objects_v2(Bucket=BUCKET)


def test_letting_in_again_changes_nothing(let_in: Store) -> None:
    root = connect(let_in.root)
    before = root.get_bucket_policy(Bucket=BUCKET)["Policy"]
    admit(let_in.root, let_in.media.access_key or "")
    assert root.get_bucket_policy(Bucket=BUCKET)["Policy"] == before
