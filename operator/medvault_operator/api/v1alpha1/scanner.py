"""ClamAV, without whose word no file is filed."""

from typing import Annotated

from pydantic import ConfigDict, Field

from medvault_operator.api.v1alpha1.managed import Volume
from medvault_operator.api.v1alpha1.shape import Shape, either, rules
from medvault_operator.api.v1alpha1.workloads import Resources, resources

ClamdAddress = Annotated[str, Field(max_length=280, pattern=r"^tcp://[^\s/:@]+:[0-9]{1,5}$")]


class ExternalScanner(Shape):
    """clamd 1.0 or newer that somebody else runs, set up as docs/operations.md says."""

    address: ClamdAddress = Field(description="Where clamd listens: tcp://host:3310.")


class ManagedScanner(Shape):
    """clamd as a single instance that the operator runs."""

    image: str = Field(
        default="clamav/clamav:1.5",
        min_length=1,
        description="Image to run. With ClamAV before 1.5 whoever reaches its port may end it.",
    )
    update_signatures: bool = Field(
        default=True,
        description="Whether freshclam fetches new signatures every two hours. Turn it off only "
        "where the cluster can't reach ClamAV's mirrors, and renew the image instead.",
    )
    storage: Volume = Field(default=Volume(size="2Gi"), description="Where the signatures are.")
    resources: Resources = Field(
        default=resources("250m", "1500Mi", "4Gi"), description="What clamd may use."
    )


class Scanner(Shape):
    """Where the scanner is."""

    model_config = ConfigDict(
        json_schema_extra=rules(either("external", "managed", "scanner: {managed: {}}"))
    )

    external: ExternalScanner | None = Field(
        default=None, description="clamd that somebody else runs."
    )
    managed: ManagedScanner | None = Field(
        default=None, description="clamd that the operator runs as a single instance."
    )
