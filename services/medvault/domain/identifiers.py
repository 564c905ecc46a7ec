"""Identifiers: each kind has a type of its own, so that none is taken for another.

A patient is the person who writes. A vault is where reports lie; patients read their own, and those
that the clinic has joined to it.
"""

from typing import NewType
from uuid import UUID

PersonId = NewType("PersonId", UUID)
"""A patient: their identities, conversation, PIN, letters and quotas."""
VaultId = NewType("VaultId", UUID)
"""A vault: its reports and files, its chain of the audit, and the `Place` of all that is sealed."""
LaneId = NewType("LaneId", UUID)
"""The lane of a conversation's updates: the keyed digest of the identity that writes there."""
MediaId = NewType("MediaId", UUID)
"""A file that a patient sent."""
ReportId = NewType("ReportId", UUID)
"""A report that was made of one or several."""
LetterId = NewType("LetterId", UUID)
"""A message to a patient."""

NOBODY = PersonId(UUID(int=0))
"""The owner of what belongs to no patient, or to nobody known yet."""


def vault_of(patient_id: PersonId) -> VaultId:
    """Return a patient's own vault.

    Each patient has one, under the same id: the tables have a single column for both.
    """
    return VaultId(patient_id)
