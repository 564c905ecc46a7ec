"""A conversation is claimed with all that waits for it, in order."""

from uuid import uuid4

from medvault.domain.conversation.state import Conversation
from medvault.domain.identifiers import LaneId
from medvault.domain.identity import Contact
from medvault.domain.place import Place
from medvault.domain.updates import UpdateKind
from medvault.ports.persistence import UnitOfWork
from support.vaults import Vault


def handled(vault: Vault, work: UnitOfWork, *subjects: LaneId) -> list[list[bytes]]:
    """The updates that a claim finds for each conversation, marked as done."""
    found = []
    for claimed in work.conversations.claim(subjects, vault.new_id):
        found.append([update.content for update in claimed.pending])
        work.inbox.finish([update.seq for update in claimed.pending], "handled")
    return found


def test_many_new_patients_get_a_vault_each(vault: Vault) -> None:
    subjects = [LaneId(uuid4()) for _ in range(64)]
    vault.receive(*(vault.message(subject) for subject in subjects))
    with vault.database.begin() as work:
        claims = work.conversations.claim(subjects, vault.new_id)
    assert {claimed.subject for claimed in claims} == set(subjects)
    assert len({claimed.patient_id for claimed in claims}) == 64
    assert all(one.version == 0 and one.state == Conversation() for one in claims)
    assert vault.one("SELECT count(*) FROM patients") == 64


def test_who_has_not_written_is_no_patient(vault: Vault) -> None:
    with vault.database.begin() as work:
        assert work.conversations.claim([LaneId(uuid4())], vault.new_id) == []
    assert vault.one("SELECT count(*) FROM patients") == 0


def test_a_subject_named_twice_is_one_patient(vault: Vault) -> None:
    subject = LaneId(uuid4())
    vault.receive(vault.message(subject))
    with vault.database.begin() as work:
        assert handled(vault, work, subject, subject) == [[b"hello"]]
    assert vault.one("SELECT count(*) FROM patients") == 1


def test_updates_come_in_the_order_they_were_answered_in(vault: Vault) -> None:
    subject = LaneId(uuid4())
    for number in range(5):
        vault.receive(vault.message(subject, f"{number}a"), vault.message(subject, f"{number}b"))
    with vault.database.begin() as work:
        [said] = handled(vault, work, subject)
    assert said == [f"{number}{part}".encode() for number in range(5) for part in "ab"]


def test_a_flood_is_handled_in_pieces_and_keeps_nobody_waiting(vault: Vault) -> None:
    loud, quiet = sorted((LaneId(uuid4()), LaneId(uuid4())), key=lambda subject: subject.int)
    vault.receive(*(vault.message(loud, str(number)) for number in range(100)))
    vault.receive(vault.message(quiet, "help"))
    heard: list[bytes] = []
    with vault.database.begin() as work:
        pieces = handled(vault, work, loud, quiet)
    assert [b"help"] in pieces
    heard += next(piece for piece in pieces if piece != [b"help"])
    while len(heard) < 100:
        with vault.database.begin() as work:
            assert work.inbox.waiting([loud, quiet]) == [loud]
            [piece] = handled(vault, work, loud)
            heard += piece
    assert heard == [str(number).encode() for number in range(100)]


def test_what_is_not_due_holds_up_what_came_after_it(vault: Vault) -> None:
    subject = vault.patient().subject
    vault.receive(vault.message(subject, "first"), vault.message(subject, "second"))
    with vault.database.begin() as work:
        [claimed] = work.conversations.claim([subject], vault.new_id)
        work.inbox.retry_later([claimed.pending[0].seq])
    with vault.database.begin() as work:
        assert work.conversations.claim([subject], vault.new_id) == []
        assert work.inbox.waiting([subject]) == []
    vault.later("inbox", 2)
    with vault.database.begin() as work:
        assert work.inbox.waiting([subject]) == [subject]
        [claimed] = work.conversations.claim([subject], vault.new_id)
    assert [(one.content, one.attempts) for one in claimed.pending] == [
        (b"first", 1),
        (b"second", 0),
    ]


def test_what_is_due_goes_ahead_of_what_is_not_yet(vault: Vault) -> None:
    subject = vault.patient().subject
    vault.receive(*(vault.message(subject, said) for said in ("first", "second", "third")))
    seqs = [seq for (seq,) in vault.sql("SELECT seq FROM inbox WHERE done_at IS NULL ORDER BY seq")]
    with vault.database.begin() as work:
        work.inbox.retry_later(seqs[1:2])
    with vault.database.begin() as work:
        assert handled(vault, work, subject) == [[b"first"]]


def test_a_state_that_cannot_be_opened_is_none_and_the_others_are_fine(vault: Vault) -> None:
    broken, odd, fine = vault.patient(), vault.patient(), vault.patient()
    vault.sql(
        "UPDATE conversations SET sealed = :junk WHERE patient_id = :id",
        junk=b"\x01junk",
        id=broken.patient_id,
    )
    other_form = vault.sealer.seal(b'{"step": "unheard of"}', Place.state(odd.patient_id))
    vault.sql(
        "UPDATE conversations SET sealed = :junk WHERE patient_id = :id",
        junk=other_form,
        id=odd.patient_id,
    )
    subjects = [one.subject for one in (broken, odd, fine)]
    vault.receive(*(vault.message(subject) for subject in subjects))
    with vault.database.begin() as work:
        claims = work.conversations.claim(subjects, vault.new_id)
    states = {claimed.patient_id: claimed.state for claimed in claims}
    assert states[broken.patient_id] is None
    assert states[odd.patient_id] is None
    assert isinstance(states[fine.patient_id], Conversation)
    assert all(claimed.pending for claimed in claims)


def test_a_state_that_was_saved_and_is_gone_is_not_taken_for_a_new_one(vault: Vault) -> None:
    patient = vault.patient()
    vault.sql("UPDATE conversations SET sealed = NULL")
    vault.receive(vault.message(patient.subject))
    with vault.database.begin() as work:
        [claimed] = work.conversations.claim([patient.subject], vault.new_id)
    assert claimed.state is None


def test_a_lock_of_which_only_the_database_knows_holds_too(vault: Vault) -> None:
    patient = vault.patient()
    vault.sql("UPDATE conversations SET locked_at = now()")
    vault.receive(vault.message(patient.subject))
    with vault.database.begin() as work:
        [claimed] = work.conversations.claim([patient.subject], vault.new_id)
    assert claimed.state is not None
    assert claimed.state.lock is not None


def test_a_state_of_another_patient_does_not_open(vault: Vault) -> None:
    mine, other = vault.patient(), vault.patient()
    vault.sql(
        "UPDATE conversations SET sealed = (SELECT sealed FROM conversations "
        "WHERE patient_id = :other) WHERE patient_id = :mine",
        mine=mine.patient_id,
        other=other.patient_id,
    )
    vault.receive(vault.message(mine.subject))
    with vault.database.begin() as work:
        [claimed] = work.conversations.claim([mine.subject], vault.new_id)
    assert claimed.state is None


def test_content_that_cannot_be_opened_is_empty(vault: Vault) -> None:
    subject = vault.patient().subject
    vault.receive(vault.message(subject, "secret"), vault.message(subject, "fine"))
    vault.sql(
        "UPDATE inbox SET content = 'junk' WHERE seq = "
        "(SELECT min(seq) FROM inbox WHERE done_at IS NULL)"
    )
    with vault.database.begin() as work:
        assert handled(vault, work, subject) == [[b"", b"fine"]]


def test_a_verdict_reaches_its_conversation_with_the_messages(vault: Vault) -> None:
    patient = vault.patient(Contact("BS.somebody", "919800000001"))
    with vault.database.begin() as work:
        told = work.inbox.tell(patient.patient_id, UpdateKind.CHECKED, {"verdict": "clean"})
        assert told == patient.subject
    with vault.database.begin() as work:
        [claimed] = work.conversations.claim([told], vault.new_id)
    assert [one.kind for one in claimed.pending] == [UpdateKind.CHECKED]
