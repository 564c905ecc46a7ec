"""Nothing that a patient said, sent or is called rests in the clear in any column."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import text

from medvault.domain.audit import Action, Entry
from medvault.domain.conversation.state import Conversation, Draft, FilingState, Step
from medvault.domain.conversation.timers import TimerName
from medvault.domain.dead_letters import DeadState, DeadUpdate, Failure, Reason
from medvault.domain.identifiers import MediaId, ReportId, vault_of
from medvault.domain.identity import Contact
from medvault.domain.media import Attachment, FileKind, Verdict
from medvault.domain.outbound import Accepted, DeliveryStatus, Document, SendState, Typing, decide
from medvault.domain.replies import Reply
from medvault.domain.reports import Report, ReportDetails, ReportFile, ReportType
from medvault.domain.updates import UpdateKind
from medvault.ports.outbox import Settled
from medvault.ports.timers import Timer
from medvault.ports.vault import Filing, NewFile
from support.vaults import Vault

PHONE, BSUID, NAME = "919812345678", "BS.IN.13491208655302741918", "Ananya Canary"
FILE, HOSPITAL, HANDLE = "canary-blood-test.pdf", "Canary Hospital", "media-handle-4711"
WAMID, SENT_WAMID = "wamid.HBgMOTE5ODEyMzQ1Njc4", "wamid.SENTHBgMOTE5ODEyMzQ1"
CAPTION, HASH = "my canary caption", "Y2FuYXJ5LXNoYTI1Ng=="
CANARIES = [
    *(PHONE, BSUID, NAME, FILE, HOSPITAL, HANDLE, WAMID, SENT_WAMID, CAPTION, HASH),
    *("2019-05-02", "imaging", "canary", "Canary"),
]
DETAILS = ReportDetails(date(2019, 5, 2), HOSPITAL, ReportType.IMAGING, FILE)


def live(vault: Vault) -> None:
    """A conversation that touches every table and leaves rows in every stage."""
    contact, media_id, report_id = (
        Contact(BSUID, PHONE),
        MediaId(vault.new_id()),
        ReportId(vault.new_id()),
    )
    subject, key = vault.subject(contact), vault.index("update", WAMID)
    said = f'{{"from": "{PHONE}", "id": "{WAMID}", "name": "{NAME}", "text": "{CAPTION}"}}'
    vault.receive(vault.message(subject, said, key), vault.message(subject, said))
    draft = Draft(media_id, FILE, Verdict.CLEAN, DETAILS.date, HOSPITAL, ReportType.IMAGING)
    deadline = datetime.now(UTC) - timedelta(minutes=1)
    filing = FilingState(Step.CONFIRM, draft, hospitals=(HOSPITAL,), deadline=deadline)
    state = Conversation(turn=3, filing=filing, contact=contact)
    with vault.database.begin() as work:
        [claimed] = work.conversations.claim([subject], vault.new_id)
        work.conversations.save([(claimed, state)])
        work.timers.set([Timer(claimed.patient_id, TimerName.SESSION, deadline)])
        work.media.add(
            [NewFile(media_id, claimed.patient_id, Attachment(HANDLE, "image/png", HASH, FILE))]
        )
        work.media.stored(media_id, FileKind.PNG, 4711)
        work.reports.add(
            [
                Filing(
                    vault_of(claimed.patient_id),
                    Report(report_id, DETAILS),
                    (ReportFile(media_id),),
                )
            ]
        )
        filed = Entry(vault.new_id(), vault_of(claimed.patient_id), Action.REPORT_FILED, report_id)
        work.audit.append([filed])
        contents = (
            Reply(f"Filed: {HOSPITAL} for {NAME}"),
            Typing(WAMID),
            Document(report_id, FILE, CAPTION),
        )
        letters = [vault.letter(claimed, content) for content in contents]
        work.outbox.add(letters)
        died = Failure(Reason.UNREADABLE, "ValueError")
        work.dead_letters.bury_updates([DeadUpdate(claimed.pending[0].seq, 5, died)])
        work.dead_letters.bury_state(DeadState(claimed.patient_id, 5, died))
        work.inbox.finish([claimed.pending[1].seq], "handled")
    with vault.database.begin() as work:
        assert work.timers.ring(10) == [subject]
        work.inbox.tell(
            claimed.patient_id, UpdateKind.CHECKED, {"media_id": str(media_id), "verdict": "clean"}
        )
        [sent] = work.outbox.lease(10)
        work.outbox.settle([Settled(sent, decide(Accepted(SENT_WAMID), 1), SENT_WAMID)])
        assert work.outbox.climb(
            [DeliveryStatus(SENT_WAMID, SendState.FAILED, code=131_026)]
        ).matched
        uploaded = work.outbox.claim_upload(letters[2].id, timedelta(minutes=3))
        assert uploaded is not None
        work.outbox.ready(uploaded, Document(report_id, FILE, CAPTION, FileKind.PNG, HANDLE))


def test_no_column_holds_anything_of_a_patient_in_the_clear(vault: Vault) -> None:
    live(vault)
    tables = [
        name for (name,) in vault.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    ]
    filled = set()
    for table in tables:
        with vault.owner.connect() as connection:
            rows = connection.execute(text(f"SELECT * FROM {table}")).all()
        for row in rows:
            filled.add(table)
            for value in row:
                clear = (
                    bytes(value).decode("latin-1") if isinstance(value, memoryview) else str(value)
                )
                assert not [canary for canary in CANARIES if canary in clear], (table, clear)
    assert filled >= {
        *("patients", "identities", "conversations", "inbox", "outbox"),
        *("media", "reports", "report_files", "audit"),
    }
