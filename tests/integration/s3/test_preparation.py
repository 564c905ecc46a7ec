"""A bucket is made ready again and again, on a store that can do little and one that can do all."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from medvault.adapters.s3.lifecycle import RULES
from medvault.adapters.s3.options import S3Options
from medvault.adapters.s3.preparation import Feature, Lack, prepare
from medvault.domain.errors import Permanent, Unavailable
from support.ruled_store import RuledStore, ruled_store
from support.servers.machine import free_port
from support.servers.s3 import REGION, S3, Bucket, imitated

OTHERS = (
    b'<LifecycleConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Rule><ID>theirs</ID>'
    b"<Status>Enabled</Status><Filter><Prefix>logs/</Prefix></Filter>"
    b"<Expiration><Days>3</Days></Expiration></Rule></LifecycleConfiguration>"
)


@pytest.fixture
def ruled() -> Iterator[RuledStore]:
    with ruled_store() as store:
        yield store


def options(store: S3, bucket: str) -> S3Options:
    return S3Options(bucket, REGION, store.endpoint, store.access_key, store.secret_key)


def test_a_missing_bucket_is_made_and_keeps_versions(s3: S3, s3_bucket: Bucket) -> None:
    name = f"{s3_bucket.name}-made"
    prepare(options(s3, name))
    assert s3.client.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"


def test_preparing_again_changes_nothing_and_says_the_same(s3: S3, s3_bucket: Bucket) -> None:
    found = options(s3, f"{s3_bucket.name}-again")
    first = prepare(found)
    s3.client.put_object(Bucket=found.bucket, Key="reports/kept", Body=b"x")
    assert prepare(found) == first
    assert s3.client.get_object(Bucket=found.bucket, Key="reports/kept")["Body"].read() == b"x"


def test_a_store_without_lifecycle_rules_is_said_to_lack_them(s3: S3, s3_bucket: Bucket) -> None:
    try:
        s3.client.put_bucket_lifecycle_configuration(
            Bucket=s3_bucket.name, LifecycleConfiguration={"Rules": list(RULES)}
        )
    except ClientError as error:
        expected = [Lack(Feature.LIFECYCLE, error.response["Error"]["Code"])]
    else:
        expected = []
    assert bool(expected) is not imitated()
    assert prepare(options(s3, s3_bucket.name)) == expected


@pytest.mark.parametrize(("access", "secret"), [("wrong-word", ""), ("", "wrong-word")])
def test_wrong_keys_are_told_before_anything_is_changed(
    s3: S3, s3_bucket: Bucket, access: str, secret: str
) -> None:
    right = options(s3, s3_bucket.name)
    access, secret = access or right.access_key or "", secret or right.secret_key or ""
    wrong = replace(right, access_key=access, secret_key=secret)
    with pytest.raises(
        Permanent, match=r"refused access .*: check MEDVAULT_S3_ACCESS_KEY"
    ) as refusal:
        prepare(wrong)
    assert "wrong-word" not in str(refusal.value)


def test_a_store_that_is_away_is_named_with_advice() -> None:
    nobody = S3Options("b", REGION, f"http://127.0.0.1:{free_port()}", "access", "secret")
    with pytest.raises(Unavailable, match="storage does not answer: check the endpoint"):
        prepare(nobody)


def test_rules_are_set_once_beside_those_of_others(ruled: RuledStore) -> None:
    ruled.kept["lifecycle"] = OTHERS
    assert prepare(ruled.options) == []
    assert prepare(ruled.options) == []
    assert ruled.asked.count("PUT lifecycle") == ruled.asked.count("PUT versioning") == 1
    kept = ruled.kept["lifecycle"].decode()
    for expected in (
        "<ID>theirs</ID>",
        "<Prefix>logs/</Prefix>",
        *(f"<ID>{rule['ID']}</ID>" for rule in RULES),
        "<Days>30</Days>",
        "<NoncurrentDays>35</NoncurrentDays>",
        "<DaysAfterInitiation>1</DaysAfterInitiation>",
    ):
        assert kept.count(expected) == 1, expected


def test_rules_of_an_earlier_release_are_replaced(ruled: RuledStore) -> None:
    ruled.kept["lifecycle"] = OTHERS.replace(b"theirs", b"medvault-incoming")
    assert prepare(ruled.options) == []
    kept = ruled.kept["lifecycle"].decode()
    assert kept.count("<ID>medvault-incoming</ID>") == 1
    assert "logs/" not in kept


def test_a_bucket_is_made_in_its_region(ruled: RuledStore) -> None:
    ruled.exists = False
    prepare(ruled.options)
    assert b"<LocationConstraint>eu-central-1</" in ruled.bodies["PUT bucket"]


def test_a_bucket_that_another_makes_meanwhile_is_taken(ruled: RuledStore) -> None:
    ruled.refuses = {
        "GET bucket": (404, "NoSuchBucket"),
        "PUT bucket": (409, "BucketAlreadyOwnedByYou"),
    }
    assert prepare(ruled.options) == []
    assert "PUT versioning" in ruled.asked


def test_keys_that_may_not_make_the_bucket_are_told_so(ruled: RuledStore) -> None:
    ruled.exists = False
    ruled.refuses = {"PUT bucket": (403, "AccessDenied")}
    with pytest.raises(Permanent, match=r"may not make it \(AccessDenied\): make it"):
        prepare(ruled.options)


@pytest.mark.parametrize(
    ("request_refused", "status", "code", "feature"),
    [
        ("PUT versioning", 403, "AccessDenied", Feature.VERSIONING),
        ("GET versioning", 501, "NotImplemented", Feature.VERSIONING),
        ("GET lifecycle", 501, "NotImplemented", Feature.LIFECYCLE),
        ("PUT lifecycle", 403, "AccessDenied", Feature.LIFECYCLE),
        ("PUT lifecycle", 405, "MethodNotAllowed", Feature.LIFECYCLE),
    ],
)
def test_what_is_declined_is_reported_and_the_rest_is_done(
    ruled: RuledStore, request_refused: str, status: int, code: str, feature: Feature
) -> None:
    ruled.refuses = {request_refused: (status, code)}
    assert prepare(ruled.options) == [Lack(feature, code)]
    other = "lifecycle" if feature is Feature.VERSIONING else "versioning"
    assert f"PUT {other}" in ruled.asked


def test_a_store_that_is_busy_lacks_nothing(ruled: RuledStore) -> None:
    ruled.refuses = {"PUT lifecycle": (503, "SlowDown")}
    with pytest.raises(Unavailable):
        prepare(ruled.options)
