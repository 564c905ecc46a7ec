"""The S3 store that holds the sealed files."""

from typing import Annotated

from pydantic import ConfigDict, Field

from medvault_operator.api.v1alpha1.managed import Volume, immutable_choice
from medvault_operator.api.v1alpha1.shape import Rule, SecretReference, Shape, either, rules
from medvault_operator.api.v1alpha1.whatsapp import HttpUrl
from medvault_operator.api.v1alpha1.workloads import Resources, resources

ACCESS_KEY = "access-key"
SECRET_KEY = "secret-key"  # noqa: S105
CA = "ca.crt"
SECRET_KEYS = (ACCESS_KEY, SECRET_KEY)

BucketName = Annotated[
    str, Field(min_length=3, max_length=63, pattern=r"^[a-z0-9][a-z0-9.-]*[a-z0-9]$")
]


class ExternalStorage(Shape):
    """An S3 store that somebody else runs."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            Rule(
                "self.bucket == oldSelf.bucket",
                "the bucket can't be changed: its files would stay behind",
            )
        )
    )

    bucket: BucketName = Field(description="The bucket. It is the vault's own.")
    endpoint_url: HttpUrl | None = Field(
        default=None, description="Address of the store; Amazon's own without it."
    )
    region: str = Field(default="us-east-1", min_length=1, max_length=64, description="Its region.")
    secret_ref: SecretReference | None = Field(
        default=None,
        description="Secret with `access-key` and `secret-key`, and `media-access-key` and "
        "`media-secret-key` of a user that media has for its own. With `ca.crt`, certificates in "
        "PEM, a private authority vouches for the store. Without the Secret the pods use the "
        "cloud's own identity, see serviceAccountAnnotations.",
    )


class ManagedStorage(Shape):
    """A development S3 store that the operator runs: one process over one volume.

    It has no life-cycle rules, and is not highly available.
    """

    image: str = Field(
        default="versity/versitygw:v1.8.0", min_length=1, description="Image to run."
    )
    storage: Volume = Field(default=Volume(size="50Gi"), description="Where the files are.")
    resources: Resources = Field(
        default=resources("100m", "128Mi", "1Gi"), description="What it may use."
    )


class Storage(Shape):
    """Where the store is."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            either("external", "managed", "storage: {managed: {}}"), immutable_choice("storage")
        )
    )

    external: ExternalStorage | None = Field(
        default=None, description="A store that somebody else runs; take this for production."
    )
    managed: ManagedStorage | None = Field(
        default=None,
        description="A development store that the operator runs as a single instance. Its "
        "credentials are in the Secrets <vault>-storage and <vault>-storage-logins.",
    )
