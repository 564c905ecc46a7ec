"""boto3's client of the store."""

import logging
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from medvault.adapters.s3.options import S3Options

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_LEVELS_WITHOUT_SIGNATURES = {"botocore": logging.INFO, "urllib3": logging.ERROR}


def connect(options: S3Options) -> "S3Client":
    """Make a client, which logs no signatures; no request is made yet."""
    for name, level in _LEVELS_WITHOUT_SIGNATURES.items():
        logging.getLogger(name).setLevel(level)
    return boto3.client(
        "s3",
        endpoint_url=options.endpoint_url,
        region_name=options.region,
        aws_access_key_id=options.access_key,
        aws_secret_access_key=options.secret_key,
        verify=options.ca,
        config=_config(options),
    )


def _config(options: S3Options) -> Config:
    return Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        connect_timeout=options.connect_timeout,
        read_timeout=options.read_timeout,
        max_pool_connections=options.pool_size,
        retries={"mode": "standard", "total_max_attempts": 2},
        proxies={},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
