"""The desks: commands of administrators and of the clinic's staff."""

from medvault.adapters.postgres.access import require_access
from medvault.application.dead_letters import DeadLetterDesk
from medvault.application.patient_desk import PatientDesk
from medvault.bootstrap.foundation import Foundation


def make_dead_letter_desk(base: Foundation) -> DeadLetterDesk:
    """Build what administrators do with dead letters; `Permanent` if the login is refused."""
    require_access(base.engine, "MEDVAULT_DATABASE_URL")
    return DeadLetterDesk(base.database, base.splitter, base.sealer, base.new_id)


def make_patient_desk(base: Foundation) -> PatientDesk:
    """Build what the clinic's desk does; raises `Permanent` if its login is refused."""
    require_access(base.engine, "the login and its password")
    return PatientDesk(base.database, base.index, base.sealer, base.new_id)
