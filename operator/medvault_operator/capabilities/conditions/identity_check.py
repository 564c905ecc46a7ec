"""Whether Meta tells the keys by which somebody who takes over a number is known."""

from medvault_operator.api.conditions import ConditionType, Reason
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.capabilities.conditions.judgement import Judgement
from medvault_operator.vault.components import Component, child_name
from medvault_operator.vault.interface import PROBE_PORT
from medvault_operator.world.pods import IdentityCheck


def identity_check(vault: MedicalVault, known: IdentityCheck | None) -> Judgement:
    """Decide whether the check is on; the status so far stands until a pod was asked."""
    match known:
        case IdentityCheck.ON:
            message = "Meta tells the key of each patient's identity."
            return Judgement("True", Reason.ON, message)
        case IdentityCheck.OFF:
            return Judgement("False", Reason.OFF, _off(vault))
        case IdentityCheck.NOT_SEEN:
            message = "Too few messages came to tell since inbound started. Wait for more."
            return Judgement("Unknown", Reason.NOT_SEEN, message)
        case IdentityCheck.UNTOLD:
            return Judgement("Unknown", Reason.NO_ANSWER, _no_answer(vault))
    return _said(vault) or Judgement("Unknown", Reason.NOT_SEEN, "Inbound is being asked. Wait.")


def _off(vault: MedicalVault) -> str:
    whatsapp = vault.spec.whatsapp
    return (
        "Messages come without the key of their sender's identity: somebody who takes over a "
        "patient's number is not told from the patient. Switch the check on at Meta: "
        f'curl -X POST "{whatsapp.base_url}/v25.0/{whatsapp.phone_number_id}/settings" '
        '-H "Authorization: Bearer $TOKEN" '
        """--json '{"user_identity_change": {"enable_identity_key_check": true}}'. """
        "More: section Locked vaults of docs/operations.md."
    )


def _no_answer(vault: MedicalVault) -> str:
    return (
        "No inbound pod tells whether Meta's check of identities is on. If Available is True, let "
        f"the operator reach port {PROBE_PORT} of the pods of "
        f"{child_name(vault, Component.INBOUND)}, or name a newer image in spec.image."
    )


def _said(vault: MedicalVault) -> Judgement | None:
    known = {one.type: one for one in vault.status.conditions}
    before = known.get(ConditionType.IDENTITY_CHECK)
    return Judgement(before.status, before.reason, before.message) if before else None
