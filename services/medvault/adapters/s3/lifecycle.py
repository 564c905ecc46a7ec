"""Rules by which the store itself removes objects: medvault's own, beside any that others set."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import (
        LifecycleRuleTypeDef,
        LifecycleRuleUnionTypeDef,
    )

_OURS = "medvault-"
INCOMING_DAYS = 30
"""Longer than the tick that empties `incoming/` needs, and than a dead file waits for a replay."""

INCOMING_VERSION_DAYS = 7
REPORT_VERSION_DAYS = 35
"""A database that is set back by a month finds the reports that were deleted since."""

UPLOAD_DAYS = 1

RULES: "tuple[LifecycleRuleTypeDef, ...]" = (
    {
        "ID": f"{_OURS}incoming",
        "Status": "Enabled",
        "Filter": {"Prefix": "incoming/"},
        "Expiration": {"Days": INCOMING_DAYS},
        "NoncurrentVersionExpiration": {"NoncurrentDays": INCOMING_VERSION_DAYS},
    },
    {
        "ID": f"{_OURS}reports",
        "Status": "Enabled",
        "Filter": {"Prefix": "reports/"},
        "Expiration": {"ExpiredObjectDeleteMarker": True},
        "NoncurrentVersionExpiration": {"NoncurrentDays": REPORT_VERSION_DAYS},
    },
    {
        "ID": f"{_OURS}uploads",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": UPLOAD_DAYS},
    },
)
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html"""


def with_ours(
    found: "Sequence[LifecycleRuleUnionTypeDef]",
) -> "list[LifecycleRuleUnionTypeDef]":
    """Return the rules to set: those of others as they were found, then ours as they are now."""
    return [*(rule for rule in found if not rule.get("ID", "").startswith(_OURS)), *RULES]
