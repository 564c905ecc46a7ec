"""`python -m chaos.checker`, with `tests` on PYTHONPATH: checks a settled run; 1 if it is wrong."""

import argparse
import json
import os
import sys
from pathlib import Path

from chaos.checker.check import check
from chaos.checker.sources import Bucket, Sources

SECRETS = """
Secrets are read from the environment:
  CHECKER_DATABASE_URL    the database, as the owner of its tables
  CHECKER_INDEX_KEY       the key of the digests, base64 (MEDVAULT_INDEX_KEY of the services)
  CHECKER_S3_ACCESS_KEY, CHECKER_S3_SECRET_KEY
                          for the bucket; not needed with --folder
"""


def main() -> int:
    """Check what the command line names, print a table, and tell by the exit status."""
    options = _parser().parse_args()
    store = options.folder or Bucket(
        options.s3_endpoint,
        options.bucket,
        _secret("CHECKER_S3_ACCESS_KEY"),
        _secret("CHECKER_S3_SECRET_KEY"),
        options.region,
    )
    found = check(
        Sources(
            options.simulator,
            _secret("CHECKER_DATABASE_URL"),
            _secret("CHECKER_INDEX_KEY"),
            store,
            options.repeat_after,
        )
    )
    sys.stdout.write(found.table() + "\n")
    if options.json:
        options.json.write_text(json.dumps(found.as_json(), indent=2) + "\n")
    return 1 if found.violations else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m chaos.checker",
        description="Check a settled run against Meta's ledger; exit status 1 on any violation.",
        epilog=SECRETS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--simulator", required=True, metavar="URL", help="the simulator")
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--bucket", help="the bucket with the sealed files")
    place.add_argument("--folder", type=Path, help="the folder with them, in embedded mode")
    parser.add_argument("--s3-endpoint", metavar="URL", help="where the bucket is")
    parser.add_argument("--region", default="us-east-1", help="of the bucket (%(default)s)")
    parser.add_argument(
        "--repeat-after",
        type=float,
        default=120.0,
        metavar="SECONDS",
        help="after which the services repeat what no status told of (%(default)s)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the counts here, too")
    return parser


def _secret(name: str) -> str:
    if value := os.environ.get(name):
        return value
    sys.exit(f"{name} is not set")


if __name__ == "__main__":
    sys.exit(main())
