"""The bucket: boto3 signs and controls, urllib3 moves the bytes."""

import socket
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Literal

import urllib3
from typing_extensions import override
from urllib3.connection import HTTPConnection

from medvault import failpoints
from medvault.adapters.s3.body import Body, UploadAbortedError
from medvault.adapters.s3.client import connect
from medvault.adapters.s3.options import S3Options
from medvault.adapters.s3.refusals import answering, code_in, refusal
from medvault.failpoints import OutwardStep
from medvault.ports import ObjectStore

CHUNK_BYTES = 256 * 1024
SIGNED_SECONDS = 300
"""How long a presigned URL is good: it is used at once, but clocks differ."""

CHECK_SECONDS = 1.0
_ERROR_BYTES = 4096
_RESET_ON_CLOSE = (socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
"""An upload broken off, even by SIGKILL, is then an error to the store and never an end: a store
may take the end of a connection for the end of an object (versitygw#2414)."""

_Method = Literal["get_object", "put_object", "head_bucket"]


class S3ObjectStore(ObjectStore):
    """Fulfils `ObjectStore`; one for each process, made after any fork.

    boto3's own transfer copies and checksums: five to eight times the CPU of urllib3 and a
    presigned URL. The lifecycle rule of a versioned bucket removes what it keeps after `delete`.
    """

    def __init__(self, options: S3Options) -> None:
        self._bucket = options.bucket
        self._client = connect(options)
        self._pool = urllib3.PoolManager(
            maxsize=options.pool_size,
            timeout=urllib3.Timeout(connect=options.connect_timeout, read=options.read_timeout),
            retries=False,
            socket_options=[*HTTPConnection.default_socket_options, _RESET_ON_CLOSE],
            ca_certs=options.ca,
        )

    @override
    def put(self, key: str, chunks: Iterable[bytes], size: int) -> None:
        body = Body(chunks, size)
        failpoints.before(OutwardStep.PUT_OBJECT)
        with suppress(UploadAbortedError), answering():
            answer = self._pool.request(
                "PUT",
                self._sign("put_object", key),
                body=_begun(body),
                headers={"Content-Length": str(size)},
            )
        if body.error:
            raise body.error
        if answer.status != 200:
            raise refusal(answer.status, code_in(answer.data[:_ERROR_BYTES]))
        failpoints.after(OutwardStep.PUT_OBJECT)

    @override
    @contextmanager
    def get(self, key: str) -> Iterator[Iterator[bytes]]:
        url = self._sign("get_object", key)
        with answering():
            answer = self._pool.request("GET", url, preload_content=False)
        try:
            if answer.status != 200:
                with answering():
                    raise refusal(answer.status, code_in(answer.read(_ERROR_BYTES)))
            yield _stream(answer)
        finally:
            answer.close()  # keeps the connection if all was read
            answer.release_conn()

    @override
    def copy(self, source: str, target: str) -> None:
        failpoints.before(OutwardStep.COPY_OBJECT)
        with answering():
            self._client.copy_object(
                Bucket=self._bucket, Key=target, CopySource={"Bucket": self._bucket, "Key": source}
            )
        failpoints.after(OutwardStep.COPY_OBJECT)

    @override
    def delete(self, key: str) -> None:
        failpoints.before(OutwardStep.DELETE_OBJECT)
        with answering():
            self._client.delete_object(Bucket=self._bucket, Key=key)
        failpoints.after(OutwardStep.DELETE_OBJECT)

    @override
    def keys(self, prefix: str) -> Iterator[str]:
        """List the keys that start with `prefix`, in order, a thousand a request."""
        pages = self._client.get_paginator("list_objects_v2")
        with answering():
            for page in pages.paginate(Bucket=self._bucket, Prefix=prefix):
                yield from (entry["Key"] for entry in page.get("Contents", []))

    @override
    def check(self) -> None:
        """Raise `Unavailable` if the store does not answer within a second.

        Raises `Permanent` if it answers and the bucket or the keys are wrong.
        """
        url = self._sign("head_bucket")
        with answering():
            status = self._pool.request(
                "HEAD", url, timeout=urllib3.Timeout(total=CHECK_SECONDS)
            ).status
        if status != 200:
            raise refusal(status, "NoSuchBucket" if status == 404 else "")

    def _sign(self, method: _Method, key: str | None = None) -> str:
        place = {"Bucket": self._bucket} | ({"Key": key} if key else {})
        with answering():
            return self._client.generate_presigned_url(
                method, Params=place, ExpiresIn=SIGNED_SECONDS
            )


def _begun(body: Body) -> Iterable[bytes]:
    """Draw the first chunk before a request is made: an empty body has no later moment to fail."""
    rest = iter(body)
    first = next(rest, b"")

    def all_of_it() -> Iterator[bytes]:
        yield first
        yield from rest

    return all_of_it()


def _stream(answer: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    with answering():
        yield from answer.stream(CHUNK_BYTES, decode_content=False)
