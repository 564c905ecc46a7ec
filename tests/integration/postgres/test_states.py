"""A conversation's state: saved with a version, as the cache and the clock need it."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from medvault.adapters.postgres import codec
from medvault.adapters.postgres.conversations import StateSealer
from medvault.domain.conversation.state import BrowsingState, Conversation, Draft, FilingState, Step
from medvault.domain.identifiers import MediaId, PersonId, ReportId
from medvault.domain.identity import Contact
from medvault.domain.media import Verdict
from medvault.domain.reports import ReportType
from medvault.ports.persistence import Claimed
from support.vaults import Vault

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FULL = Conversation(
    turn=7,
    greeted=True,
    filing=FilingState(
        Step.CONFIRM,
        draft=Draft(
            MediaId(uuid4()),
            "blood “test”.pdf",
            Verdict.CLEAN,
            date(2026, 5, 2),
            "City",
            ReportType.LAB,
        ),
        waiting=(Draft(MediaId(uuid4())), Draft(MediaId(uuid4()), verdict=Verdict.WAITING)),
        hospitals=("City", "सिटी अस्पताल"),
        deadline=NOW + timedelta(minutes=30),
    ),
    browsing=BrowsingState((ReportId(uuid4()), ReportId(uuid4())), 2),
    contact=Contact("BS.1", "919800000001"),
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
drafts = st.tuples(
    st.uuids(),
    st.none() | texts,
    st.none() | st.sampled_from(Verdict),
    st.none() | st.dates(),
    st.none() | texts,
    st.none() | st.sampled_from(ReportType),
).map(lambda said: Draft(*said))
filing = st.builds(
    FilingState,
    st.sampled_from(Step),
    st.none() | drafts,
    st.lists(drafts, max_size=3).map(tuple),
    st.none(),
    st.none() | st.datetimes(timezones=st.just(UTC)),
    st.lists(texts, max_size=3).map(tuple),
    st.integers(0, 100),
)
browsing = st.builds(
    BrowsingState,
    st.lists(st.uuids(), min_size=1, max_size=3).map(tuple),
    st.integers(0, 100),
)
conversations = st.tuples(
    st.integers(0, 2**31),
    st.booleans(),
    filing,
    browsing,
    st.none() | st.builds(Contact, st.none() | texts, st.none() | texts),
).map(lambda known: Conversation(*known))


@given(conversations)
def test_every_state_reads_as_it_was_written(state: Conversation) -> None:
    assert codec.read(codec.conversation, codec.dump(codec.conversation_json(state))) == state


def claim(vault: Vault, patient: Claimed) -> Claimed:
    """The conversation, held again for another message."""
    vault.receive(vault.message(patient.subject))
    with vault.database.begin() as work:
        [claimed] = work.conversations.claim([patient.subject], vault.new_id)
        work.inbox.finish([update.seq for update in claimed.pending], "handled")
    return claimed


def test_a_saved_state_comes_back_whole(vault: Vault) -> None:
    patient = vault.patient()
    claimed = claim(vault, patient)
    with vault.database.begin() as work:
        work.conversations.save([(claimed, FULL)])
    assert claim(vault, patient).state == FULL


def test_each_save_is_a_version_that_the_cache_gets_as_it_is_stored(vault: Vault) -> None:
    patient = vault.patient()
    for version in (2, 3, 4):
        claimed = claim(vault, patient)
        with vault.database.begin() as work:
            state = FULL._replace(turn=version)
            cached = work.conversations.save([(claimed, state)])[patient.patient_id]
        assert vault.session(patient.patient_id) == cached
        assert cached.version == version
        opened = StateSealer(vault.sealer).open(patient.patient_id, cached.sealed)
        assert opened == state


def test_what_was_rolled_back_was_never_saved(vault: Vault) -> None:
    patient = vault.patient()
    claimed = claim(vault, patient)
    try:
        with vault.database.begin() as work:
            work.conversations.save([(claimed, FULL)])
            raise ZeroDivisionError
    except ZeroDivisionError:
        again = claim(vault, patient)
    assert (again.version, again.state) == (claimed.version, claimed.state)


def test_many_states_are_saved_each_to_its_own_patient(vault: Vault) -> None:
    patients = [vault.patient() for _ in range(5)]
    states = [
        (claim(vault, patient), Conversation(turn=number, rings=NOW if number % 2 else None))
        for number, patient in enumerate(patients)
    ]
    with vault.database.begin() as work:
        work.conversations.save(states)
    for number, patient in enumerate(patients):
        state = claim(vault, patient).state
        assert state is not None
        assert (state.turn, state.rings) == (number, NOW if number % 2 else None)


def test_nobody_has_no_state_yet(vault: Vault) -> None:
    assert vault.session(PersonId(uuid4())) is None
    with vault.database.begin() as work:
        assert work.conversations.save([]) == {}
