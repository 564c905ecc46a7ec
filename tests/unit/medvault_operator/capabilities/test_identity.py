"""The condition that tells of Meta's check of identities."""

from dataclasses import replace

import pytest

from medvault_operator.api.conditions import Condition, Reason
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.world.pods import IdentityCheck
from support.medical_vaults import EXTERNAL, vault
from support.worlds import running, told

GIVEN = vault(EXTERNAL)


def conditions(check: IdentityCheck | None, given: MedicalVault = GIVEN) -> dict[str, Condition]:
    """The conditions of a vault that runs, by their type."""
    world = replace(running(given), identity_check=check)
    return {one.type.value: one for one in told(given, world).conditions}


@pytest.mark.parametrize(
    ("check", "status", "reason"),
    [
        (IdentityCheck.ON, "True", Reason.ON),
        (IdentityCheck.OFF, "False", Reason.OFF),
        (IdentityCheck.NOT_SEEN, "Unknown", Reason.NOT_SEEN),
        (IdentityCheck.UNTOLD, "Unknown", Reason.NO_ANSWER),
        (None, "Unknown", Reason.NOT_SEEN),
    ],
)
def test_the_condition_follows_what_was_told_and_no_other_does(
    check: IdentityCheck | None, status: str, reason: Reason
) -> None:
    found = conditions(check)
    said = found.pop("IdentityCheck")
    assert (said.status, said.reason) == (status, reason)
    on = conditions(IdentityCheck.ON)
    assert found == {name: on[name] for name in found}


def test_off_says_what_to_do_at_meta() -> None:
    message = conditions(IdentityCheck.OFF)["IdentityCheck"].message
    number = GIVEN.spec.whatsapp.phone_number_id
    assert f"https://graph.facebook.com/v25.0/{number}/settings" in message
    assert '{"user_identity_change": {"enable_identity_key_check": true}}' in message


def test_who_starts_anew_says_what_was_said_until_a_pod_has_told() -> None:
    before = list(conditions(IdentityCheck.OFF).values())
    known = GIVEN.model_copy(
        update={"status": GIVEN.status.model_copy(update={"conditions": before})}
    )
    assert conditions(None, known)["IdentityCheck"] == before[-1]
    assert conditions(IdentityCheck.UNTOLD, known)["IdentityCheck"].reason is Reason.NO_ANSWER
