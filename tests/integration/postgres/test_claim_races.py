"""Two workers at one conversation: one of them has it, and sees it as the other left it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID, uuid4

from sqlalchemy import text

from medvault.domain.identifiers import LaneId, MediaId
from medvault.domain.identity import Contact
from medvault.domain.media import Attachment
from medvault.domain.updates import UpdateKind
from medvault.ports.vault import NewFile
from support.vaults import OwnDatabase, Vault, transaction


def handle(vault: Vault, database: OwnDatabase, subjects: list[LaneId]) -> list[bytes]:
    """Claims conversations and finishes what waits; returns what was said."""
    said: list[bytes] = []
    with database.begin() as work:
        for claimed in work.conversations.claim(subjects, vault.new_id):
            said += [update.content for update in claimed.pending]
            work.inbox.finish([update.seq for update in claimed.pending], "handled")
    return said


def test_what_is_held_is_left_out_and_comes_back_after_the_commit(vault: Vault) -> None:
    held, free = vault.patient(), vault.patient()
    subjects = [held.subject, free.subject]
    vault.receive(*(vault.message(subject) for subject in subjects))
    other = vault.worker()
    with transaction(vault.database) as (work, commit):
        assert len(work.conversations.claim([held.subject], vault.new_id)) == 1
        with other.begin() as second:
            claims = second.conversations.claim(subjects, vault.new_id)
            assert [claimed.subject for claimed in claims] == [free.subject]
        commit()
    with other.begin() as second:
        assert len(second.conversations.claim(subjects, vault.new_id)) == 2


def test_two_workers_make_one_patient_of_a_new_subject(
    vault: Vault, threads: ThreadPoolExecutor
) -> None:
    subject, other = LaneId(uuid4()), vault.worker()
    vault.receive(vault.message(subject))
    with transaction(vault.database) as (work, commit):
        [claimed] = work.conversations.claim([subject], vault.new_id)
        late = threads.submit(handle, vault, other, [subject])
        vault.blocked()
        work.inbox.finish([claimed.pending[0].seq], "handled")
        commit()
    assert late.result() == []
    assert vault.one("SELECT count(*) FROM patients") == 1


def test_many_workers_at_many_new_subjects_say_everything_once(
    vault: Vault, threads: ThreadPoolExecutor
) -> None:
    subjects = [LaneId(uuid4()) for _ in range(40)]
    vault.receive(*(vault.message(subject, str(n)) for n, subject in enumerate(subjects)))
    start = Barrier(8)

    def work(number: int) -> list[bytes]:
        database = vault.worker(pool_size=1)
        start.wait()
        turned = subjects[number * 5 :] + subjects[: number * 5]
        return handle(vault, database, turned)

    said = [content for part in threads.map(work, range(8)) for content in part]
    assert sorted(said) == sorted(str(n).encode() for n in range(40))
    assert vault.one("SELECT count(*) FROM patients") == 40
    assert vault.one("SELECT count(*) FROM conversations") == 40


def test_a_claim_that_began_before_anothers_commit_sees_nothing_twice(
    vault: Vault, threads: ThreadPoolExecutor
) -> None:
    """The second claim begins while the first holds the row, and locks it just after its commit.

    A new subject that a third session is about to make keeps the second claim between its parts.
    """
    patient, fresh, other = vault.patient(), LaneId(uuid4()), vault.worker()
    vault.receive(vault.message(patient.subject, "once"), vault.message(fresh, "new"))
    with vault.owner.connect() as third, transaction(vault.database) as (work, commit):
        third.execute(text("INSERT INTO patients VALUES (:id)"), {"id": fresh})
        making = text("INSERT INTO conversations (patient_id, subject) VALUES (:id, :id)")
        third.execute(making, {"id": fresh})
        [claimed] = work.conversations.claim([patient.subject], vault.new_id)
        late = threads.submit(handle, vault, other, [patient.subject, fresh])
        vault.blocked()
        work.inbox.finish([claimed.pending[0].seq], "handled")
        commit()
        third.commit()
    assert late.result() == [b"new"]


def test_what_arrives_while_a_conversation_is_held_is_found_by_its_holder(vault: Vault) -> None:
    patient = vault.patient()
    vault.receive(vault.message(patient.subject, "first"))
    with transaction(vault.database) as (work, commit):
        [claimed] = work.conversations.claim([patient.subject], vault.new_id)
        vault.receive(vault.message(patient.subject, "second"))
        assert handle(vault, vault.worker(), [patient.subject]) == []
        work.inbox.finish([update.seq for update in claimed.pending], "handled")
        commit()
    with vault.database.begin() as work:
        assert work.inbox.waiting([patient.subject, LaneId(uuid4())]) == [patient.subject]


def test_news_of_elsewhere_follow_a_vault_that_is_being_linked(
    vault: Vault, threads: ThreadPoolExecutor
) -> None:
    patient, contact = vault.patient(), Contact("BS.new", None)
    vault.receive(vault.message(patient.subject))

    def report() -> UUID:
        with vault.worker().begin() as work:
            return work.inbox.tell(patient.patient_id, UpdateKind.CHECKED, {"verdict": "clean"})

    with transaction(vault.database) as (work, commit):
        [claimed] = work.conversations.claim([patient.subject], vault.new_id)
        work.conversations.link(claimed, contact)
        late = threads.submit(report)
        vault.blocked()
        commit()
    assert late.result() == vault.subject(contact)
    assert vault.one("SELECT subject FROM inbox WHERE kind = 'checked'") == vault.subject(contact)


def test_a_vault_that_gets_its_first_file_meanwhile_is_not_given_up(
    vault: Vault, threads: ThreadPoolExecutor
) -> None:
    """Linking waits for whoever holds the other vault, and looks into it only then."""
    old, contact = vault.patient(), Contact("BS.new", None)
    new = vault.patient(contact)
    vault.receive(vault.message(old.subject), vault.message(new.subject))

    def link() -> None:
        with vault.worker().begin() as work:
            [claimed] = work.conversations.claim([old.subject], vault.new_id)
            work.conversations.link(claimed, contact)

    with transaction(vault.database) as (work, commit):
        work.conversations.claim([new.subject], vault.new_id)
        file = NewFile(MediaId(vault.new_id()), new.patient_id, Attachment("handle", "image/png"))
        work.media.add([file])
        linking = threads.submit(link)
        vault.blocked()
        commit()
    linking.result()
    kept = vault.sql("SELECT patient_id, subject FROM conversations")
    assert {tuple(row) for row in kept} == {
        (old.patient_id, old.subject),
        (new.patient_id, new.subject),
    }
