"""Every transaction by what it is for."""

from enum import StrEnum


class Transaction(StrEnum):
    """The transactions of the use cases; a name is what may be shown of one."""

    RECORD_SPILLED = "intake.record"
    COUNT_SPILLED = "intake.count_try"
    BURY_SPILLED = "intake.bury"

    CONVERSE = "sessions.converse"
    RETRY_LATER = "sessions.retry_later"
    COUNT_ATTEMPTS = "sessions.count_attempts"
    LOOK_AGAIN = "sessions.look_again"
    VIEW_SESSION = "sessions.view"

    APPLY_STATUSES = "statuses.apply"
    RETRY_STATUSES_LATER = "statuses.retry_later"
    COUNT_STATUS_ATTEMPTS = "statuses.count_attempts"

    TAKE_TURN = "media.turn"
    CLAIM_FILE = "media.claim"
    RENEW_FILE = "media.renew"
    STORE_FILE = "media.store"
    STORE_COPY = "media.copy"
    DISCARD_FILE = "media.discard"
    REPORT_VERDICT = "media.report"
    POSTPONE_FILE = "media.postpone"
    FILE_REPORT = "media.file"
    LOSE_REPORT = "media.lose"
    SWEEP_FILES = "media.sweep"

    CLAIM_UPLOAD = "upload.claim"
    RENEW_UPLOAD = "upload.renew"
    READY_UPLOAD = "upload.ready"
    POSTPONE_UPLOAD = "upload.postpone"
    GIVE_UP_UPLOAD = "upload.give_up"

    LEASE_LETTERS = "delivery.lease"
    CHECK_OWNERS = "delivery.check_owners"
    SETTLE_LETTERS = "delivery.settle"

    RING_TIMERS = "tick.ring_timers"
    FIND_UPDATES = "tick.find_updates"
    FIND_FILES = "tick.find_files"
    FIND_LEFTOVERS = "tick.find_leftovers"
    LINK_AUDIT = "tick.link_audit"

    MEASURE_DEPTHS = "depths.measure"

    LIST_DEAD_LETTERS = "dead_letters.list"
    SHOW_DEAD_LETTER = "dead_letters.show"
    REVEAL_DEAD_LETTER = "dead_letters.reveal"
    REPLAY_DEAD_LETTER = "dead_letters.replay"
    DISCARD_DEAD_LETTER = "dead_letters.discard"

    LOCK_PATIENT = "patient.lock"
    ASK_UNLOCKING = "patient.ask"
    APPROVE_UNLOCKING = "patient.approve"
    ASK_JOINING = "patient.ask_joining"
    LEFT_BEHIND = "patient.left_behind"
    APPROVE_JOINING = "patient.approve_joining"
    ASK_UNJOINING = "patient.ask_unjoining"
    APPROVE_UNJOINING = "patient.approve_unjoining"

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return self not in _ONLY_READ


_ONLY_READ = frozenset(
    {
        Transaction.LOOK_AGAIN,
        Transaction.VIEW_SESSION,
        Transaction.FIND_UPDATES,
        Transaction.FIND_LEFTOVERS,
        Transaction.MEASURE_DEPTHS,
        Transaction.LIST_DEAD_LETTERS,
        Transaction.SHOW_DEAD_LETTER,
    }
)
