"""Queue depths: the work that a worker could do now, and the work in hand."""

from datetime import UTC, datetime, timedelta

from medvault.adapters.postgres.depths import EACH
from medvault.domain.identifiers import LetterId, MediaId, ReportId
from medvault.domain.identity import Contact
from medvault.domain.media import Attachment
from medvault.domain.outbound import Document, NextStep, SendState
from medvault.domain.quotas import Quotas
from medvault.domain.updates import STATUSES, SealedUpdate, UpdateKind
from medvault.ports.accounts import FileJob
from medvault.ports.broker import Queue
from medvault.ports.depths import Depth
from medvault.ports.outbox import Settled
from medvault.ports.transactions import Transaction
from medvault.ports.vault import NewFile
from support.vaults import Vault

MOST = 30_000
NOTHING = Depth(0, 0)
FLOOD = """
INSERT INTO inbox (key, subject, kind)
SELECT gen_random_uuid(), md5((n % 2000)::text)::uuid, 'message'
FROM generate_series(1, 20000) AS n
"""
TRUTH = "SELECT count(*) FROM inbox WHERE done_at IS NULL"


def depth(vault: Vault, queue: Queue, most: int = MOST) -> Depth:
    """A queue's depth, as inbound's login sees it."""
    with vault.database.begin(Transaction.MEASURE_DEPTHS) as work:
        return work.depths.measure(most)[queue]


def test_a_vault_without_work_has_no_depth(vault: Vault) -> None:
    vault.patient()
    for queue in (Queue.INBOUND, Queue.MEDIA, Queue.OUTBOUND):
        assert depth(vault, queue) == NOTHING


def test_messages_and_statuses_that_wait_are_counted_until_they_are_done(vault: Vault) -> None:
    one, other = vault.patient(), vault.patient()
    vault.receive(*(vault.message(who.subject) for who in (one, one, other)))
    vault.receive(SealedUpdate(vault.new_id(), STATUSES, UpdateKind.STATUS, b"sealed"))
    assert depth(vault, Queue.INBOUND) == Depth(4, 0)
    with vault.database.begin() as work:
        [claimed] = work.conversations.claim([one.subject], vault.new_id)
        assert depth(vault, Queue.INBOUND).waiting == 4, "a worker holds them by a lock alone"
        work.inbox.finish([update.seq for update in claimed.pending], "handled")
    assert depth(vault, Queue.INBOUND).waiting == 2


def test_who_is_put_off_waits_for_a_time_and_not_for_a_worker(vault: Vault) -> None:
    late, other = vault.patient(), vault.patient()
    vault.receive(*(vault.message(who.subject) for who in (late, late, late, other)))
    with vault.database.begin() as work:
        [claimed] = work.conversations.claim([late.subject], vault.new_id)
        work.inbox.put_off([(claimed.pending[0].seq, datetime.now(UTC) + timedelta(minutes=1))])
    assert depth(vault, Queue.INBOUND).waiting == 1


def test_one_patient_counts_for_no_more_than_one_worker_can_do(vault: Vault) -> None:
    flooding = vault.patient()
    vault.receive(*(vault.message(flooding.subject) for _ in range(EACH + 50)))
    assert depth(vault, Queue.INBOUND).waiting == EACH


def test_a_flood_is_counted_as_it_is_and_no_further_than_asked(vault: Vault) -> None:
    vault.sql(FLOOD)
    for left in (20_000, 12_000, 500):
        done = "UPDATE inbox SET done_at = now() WHERE seq IN (SELECT seq FROM inbox "
        vault.sql(f"{done} WHERE done_at IS NULL ORDER BY seq LIMIT {vault.one(TRUTH) - left})")
        assert depth(vault, Queue.INBOUND).waiting == left
    assert depth(vault, Queue.INBOUND, most=100).waiting == 100


def test_files_wait_and_are_in_hand_from_their_turn_on(vault: Vault) -> None:
    sender = vault.patient().patient_id
    files = [MediaId(vault.new_id()) for _ in range(3)]
    with vault.database.begin() as work:
        work.media.add([NewFile(id, sender, Attachment("4711", "image/jpeg")) for id in files])
        work.accounts.line_up([sender])
    assert depth(vault, Queue.MEDIA) == Depth(3, 0)
    with vault.database.begin() as work:
        turn = work.accounts.turn(Quotas())
    assert turn
    assert isinstance(turn.job, FileJob)
    assert depth(vault, Queue.MEDIA) == Depth(2, 1)
    with vault.database.begin() as work:
        assert work.media.claim(turn.job.id, timedelta(minutes=3))
    assert depth(vault, Queue.MEDIA) == Depth(2, 1)
    with vault.database.begin() as work:
        work.media.discard(files)
        work.media.release(turn.job.id)
    assert depth(vault, Queue.MEDIA) == NOTHING


def test_documents_are_media_s_until_they_are_uploaded(vault: Vault) -> None:
    reader = vault.patient()
    vault.post(vault.letter(reader, Document(ReportId(vault.new_id()), "a.pdf", "Lab test")))
    assert depth(vault, Queue.MEDIA) == Depth(1, 0)
    assert depth(vault, Queue.OUTBOUND) == NOTHING


def test_replies_wait_until_they_are_leased_and_are_in_hand_until_they_are_settled(
    vault: Vault,
) -> None:
    readers = [vault.patient(Contact(f"IN.{n}", None)) for n in range(3)]
    vault.post(*(vault.letter(reader) for reader in readers))
    assert depth(vault, Queue.OUTBOUND) == Depth(3, 0)
    with vault.database.begin() as work:
        leased = work.outbox.lease(2)
    assert depth(vault, Queue.OUTBOUND) == Depth(1, 2)
    with vault.database.begin() as work:
        accepted = NextStep(SendState.ACCEPTED)
        work.outbox.settle([Settled(one, accepted, LetterId(vault.new_id()).hex) for one in leased])
    assert depth(vault, Queue.OUTBOUND) == Depth(1, 0)
