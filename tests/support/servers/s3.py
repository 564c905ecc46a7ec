"""S3: versitygw over a folder, moto's imitation for want of it, or a store that exists."""

import itertools
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

import boto3
import urllib3
from botocore.config import Config

from support.servers.machine import MissingServerError, free_port, program
from support.servers.private import PrivateServer

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

URL = "MEDVAULT_TEST_S3_URL"
REGION = "us-east-1"
IMITATED = "MEDVAULT_TEST_S3_IMITATED"
"""The variable by which a process learns that the store of that URL is moto."""
BUILT = Path("~/.cache/medvault/bin").expanduser()
MISSING = (
    "An S3 server is missing: run `setup/servers`, which builds versitygw if there is Go, or set "
    "MEDVAULT_TEST_S3_URL=http://access-key:secret-key@host:port (versioning and object lock)"
)
IMITATION = "S3 is moto, an imitation in memory, for want of versitygw (see setup/servers)"
NO_ATTRIBUTES = (
    "versitygw needs a folder with extended attributes: let TMPDIR point at one, or set "
    "MEDVAULT_TEST_S3_URL"
)


class S3:
    """A store on which tests make buckets; `url` is the endpoint with the keys in it."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.url = url
        self.access_key = unquote(parts.username or "")
        self.secret_key = unquote(parts.password or "")
        self.endpoint = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
        self._numbers = itertools.count(1)
        self._run = token_hex(4)

    @cached_property
    def client(self) -> "S3Client":
        """A client of the store's owner."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
        )

    def new_bucket(self, *, object_lock: bool = False) -> "Bucket":
        """A fresh bucket that keeps versions, and on request accepts object locks."""
        name = f"test-{self._run}-{next(self._numbers)}"
        self.client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=object_lock)
        self.client.put_bucket_versioning(
            Bucket=name, VersioningConfiguration={"Status": "Enabled"}
        )
        return Bucket(name, self)


@dataclass(frozen=True)
class Bucket:
    """One bucket and the store it is in."""

    name: str
    store: S3

    def keys(self) -> list[str]:
        """The keys of all current objects."""
        pages = self.store.client.get_paginator("list_objects_v2").paginate(Bucket=self.name)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]


class PrivateS3(PrivateServer, S3):
    """versitygw of our own; `users` is the file of those besides its root."""

    name = "s3"

    def __init__(self, users: str | None = None) -> None:
        self._binary = program("versitygw", folders=str(BUILT), missing=MISSING)
        PrivateServer.__init__(self, parent=folder_with_attributes())
        S3.__init__(self, f"http://medvault:{token_hex(8)}@127.0.0.1:{free_port()}")
        self._objects, self._versions = self.directory / "objects", self.directory / "versions"
        self._objects.mkdir()
        self._versions.mkdir()
        self._users = self.directory / "users"
        if users:
            self._users.mkdir()
            (self._users / "users.json").write_text(users)

    def command(self) -> list[str]:
        """The keys come by the environment, where other accounts don't see them."""
        posix = ["posix", "--versioning-dir", str(self._versions), str(self._objects)]
        port = urlsplit(self.endpoint).netloc
        options = ["--port", port, "--region", REGION, "--health", "/health", "--quiet"]
        users = ["--iam-dir", str(self._users)] if self._users.exists() else []
        return [str(self._binary), *options, "--keep-alive", *users, *posix]

    def environment(self) -> dict[str, str]:
        """The owner's keys."""
        keys = {"ROOT_ACCESS_KEY_ID": self.access_key, "ROOT_SECRET_ACCESS_KEY": self.secret_key}
        return super().environment() | keys

    def answers(self) -> bool:
        """The health path is served."""
        try:
            answer = urllib3.request("GET", f"{self.endpoint}/health", retries=False, timeout=1)
        except urllib3.exceptions.HTTPError:
            return False
        return answer.status == 200


class PrivateMoto(PrivateServer, S3):
    """moto of our own: good enough to go on without Go, but a killed one forgets everything."""

    name = "moto"

    def __init__(self) -> None:
        self._binary = program("moto_server", folders=str(BUILT), missing=MISSING)
        PrivateServer.__init__(self)
        S3.__init__(self, f"http://medvault:{token_hex(8)}@127.0.0.1:{free_port()}")

    def command(self) -> list[str]:
        """Any keys are good."""
        return [str(self._binary), "-H", "127.0.0.1", "-p", self.endpoint.rpartition(":")[2]]

    def answers(self) -> bool:
        """An anonymous request is served."""
        try:
            return urllib3.request("GET", self.endpoint, retries=False, timeout=1).status == 200
        except urllib3.exceptions.HTTPError:
            return False


def folder_with_attributes() -> Path:
    """The first temporary folder whose file system keeps user attributes."""
    for folder in (Path(tempfile.gettempdir()), Path("/var/tmp"), Path.home()):
        try:
            with tempfile.NamedTemporaryFile(dir=folder) as probe:
                os.setxattr(probe.name, "user.medvault", b"1")
        except OSError:
            continue
        return folder
    raise MissingServerError(NO_ATTRIBUTES)


def imitated() -> bool:
    """Whether the tests have to make do with moto."""
    if os.environ.get(URL):
        return bool(os.environ.get(IMITATED))
    return _without_versitygw()


def _without_versitygw() -> bool:
    try:
        program("versitygw", folders=str(BUILT), missing=MISSING)
    except MissingServerError:
        return True
    return False


def private_s3() -> PrivateS3 | PrivateMoto:
    """A private store, not started: the real thing wherever it could be built."""
    return PrivateMoto() if _without_versitygw() else PrivateS3()


def s3() -> Iterator[S3]:
    """The one MEDVAULT_TEST_S3_URL names, else a private one."""
    if url := os.environ.get(URL):
        yield S3(url)
    else:
        with private_s3() as server:
            yield server
