"""Where the bucket is and how long to wait for it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class S3Options:
    """A bucket and the way to it; time-outs in seconds.

    Without an endpoint it is Amazon's; without keys they come from boto3's chain (environment,
    workload identity, instance role). `ca` is the path of a PEM bundle. `connect_timeout` also
    bounds the sending of one chunk, `read_timeout` each wait for an answer.
    """

    bucket: str
    region: str
    endpoint_url: str | None = None
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    ca: str | None = None
    connect_timeout: float = 5.0
    read_timeout: float = 30.0
    pool_size: int = 10
