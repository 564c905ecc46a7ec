"""The commands by which an administrator makes a login for each process at external servers."""

import json
from collections.abc import Iterable, Iterator

from medvault_operator.vault.components import SERVICES, Component
from medvault_operator.vault.grants import QUEUES, ROLES, STORE

_PASSWORD = "'...'"  # noqa: S105


def sql(prefix: str, processes: Iterable[Component] = SERVICES) -> Iterator[str]:
    """Return what the database's administrator runs, a statement each."""
    for one in processes:
        yield f"CREATE ROLE {prefix}_{one} LOGIN PASSWORD {_PASSWORD};"
        yield f"GRANT {ROLES[one]} TO {prefix}_{one};"


def rabbitmqctl(prefix: str, processes: Iterable[Component] = SERVICES) -> Iterator[str]:
    """Return what the broker's administrator runs, a command each; VHOST is the vault's."""
    for one in processes:
        may = QUEUES[one]
        yield f"rabbitmqctl add_user {prefix}_{one} {_PASSWORD}"
        yield (
            f"rabbitmqctl set_permissions -p VHOST {prefix}_{one} "
            f"'{may.configure}' '{may.write}' '{may.read}'"
        )


def s3_policy(bucket: str) -> str:
    """Return the policy of media's user in the store, as AWS' IAM and MinIO have it."""
    on_bucket = [one for one in STORE[Component.MEDIA] if "Object" not in one]
    on_objects = [one for one in STORE[Component.MEDIA] if "Object" in one]
    place = f"arn:aws:s3:::{bucket}"
    statements = [
        {"Effect": "Allow", "Action": actions, "Resource": [where]}
        for actions, where in ((on_bucket, place), (on_objects, f"{place}/*"))
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
