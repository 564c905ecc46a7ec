"""Logins, queues and keys are deployed as docs/rights.md lists them, and nothing besides."""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg2
import pytest

from chaos.checker.sources import Bucket
from medvault.adapters.s3.client import connect
from medvault.adapters.s3.options import S3Options
from medvault_operator.resources.generated_logins import user_of
from medvault_operator.rights import held, page
from medvault_operator.vault.components import SERVICES, Component
from medvault_operator.vault.grants import QUEUES, ROLES, STORE, Queues
from support.cluster.site import Clinic

pytestmark = pytest.mark.timeout(1800)
MEMBERSHIPS = """
SELECT u.rolname, string_agg(r.rolname, ' ' ORDER BY r.rolname) FROM pg_auth_members m
JOIN pg_roles r ON r.oid = m.roleid JOIN pg_roles u ON u.oid = m.member
WHERE u.rolcanlogin AND u.rolname <> 'medvault_schema' GROUP BY 1
"""


def inside(clinic: Clinic, part: str, *command: str) -> str:
    """The output of a command in the pod of a part."""
    return clinic.kubectl.run("exec", f"{clinic.vault.name}-{part}-0", "-c", part, "--", *command)


def listed(clinic: Clinic, *command: str) -> list[dict[str, Any]]:
    """The rows that rabbitmqctl lists."""
    said = inside(clinic, "broker", "rabbitmqctl", "--quiet", "--formatter", "json", *command)
    found: list[dict[str, Any]] = json.loads(said)
    return found


def listed_on_page() -> Iterator[list[str]]:
    """The rows of the page's table of a vault in which everything is managed."""
    section = page().partition("## Everything inside")[2].partition("\n## ")[0]
    for line in section.splitlines():
        if line.startswith("| ") and not line.startswith("| process"):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))]


def test_pods_hold_what_is_listed(clinic: Clinic) -> None:
    meant = {name: cells[0] for name, *cells in listed_on_page()}
    pods = {
        one["metadata"]["labels"]["app.kubernetes.io/component"]: one["spec"]["template"]["spec"]
        for one in clinic.vault.children("deployments,statefulsets,jobs")
    }
    assert {name: "<br>".join(held(pod)) for name, pod in pods.items()} == meant


def test_the_brokers_users_have_the_rights_that_are_listed_and_no_tag(clinic: Clinic) -> None:
    assert {tuple(one["tags"]) for one in listed(clinic, "list_users")} == {()}
    given = {
        one["user"]: Queues(one["configure"], one["write"], one["read"])
        for one in listed(clinic, "list_permissions")
    }
    former = given.pop("medvault")
    assert former == Queues(".*", ".*", ".*")
    assert given == {user_of(process): may for process, may in QUEUES.items()}


def test_the_databases_logins_have_the_roles_that_are_listed(clinic: Clinic) -> None:
    clinic.database.renew()
    with closing(psycopg2.connect(clinic.database_url)) as connection:
        asking = connection.cursor()
        asking.execute(MEMBERSHIPS)
        found = dict(asking.fetchall())
    # A vault of the release before keeps its one login, for an image that is put back.
    assert found.pop("medvault", "medvault_service") == "medvault_service"
    assert found == {user_of(process): ROLES[process] for process in SERVICES}


def test_media_may_do_in_the_store_what_is_listed(clinic: Clinic) -> None:
    store = clinic.sources().store
    assert isinstance(store, Bucket)
    keys = (store.access_key, store.secret_key)
    client = connect(S3Options(store.name, store.region, store.endpoint, *keys))
    told = json.loads(client.get_bucket_policy(Bucket=store.name)["Policy"])
    allowed = [one for statement in told["Statement"] for one in statement["Action"]]
    assert allowed == [*STORE[Component.MEDIA]]


def test_the_vault_says_so(clinic: Clinic) -> None:
    assert clinic.vault.says("LeastPrivilege", "True", "Divided"), clinic.vault.told()


def test_the_vault_says_that_meta_checks_identities_once_messages_show_it(clinic: Clinic) -> None:
    clinic.meta.control("PATCH", "/app", json={"identity_check": True})
    phone = clinic.phone()
    for _ in range(5):
        phone.say("HELP")
    clinic.vault.wait("IdentityCheck", "True", "On", seconds=180)
