"""The quotas of one patient; above them work waits."""

from typing import Annotated

from pydantic import Field

from medvault_operator.api.v1alpha1.shape import Shape

Amount = Annotated[int, Field(ge=0, le=1_000_000)]


class Quotas(Shape):
    """Limits of one patient: requests above them wait and are not refused. 0 is no limit.

    A limit that is left out is as the services have it by default.
    """

    messages_per_minute: Amount | None = Field(
        default=None, description="Messages; more of them wait their turn. 120 without it."
    )
    open_replies: Amount | None = Field(
        default=None, description="Replies that may wait to be sent. 60 without it."
    )
    files_per_day: Amount | None = Field(
        default=None, description="Files; more of them are fetched later. 1000 without it."
    )
    megabytes_per_day: Amount | None = Field(
        default=None, description="Megabytes of files. 5000 without it."
    )
    cpu_seconds_per_hour: Amount | None = Field(
        default=None, description="CPU seconds to look into files. 1200 without it."
    )
