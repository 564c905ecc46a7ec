from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from medvault.domain.audit import FIRST, Action, Entry, Recorded, chained, extend

AT = datetime(2026, 11, 23, 9, 0, 0, 1, UTC)
ENTRY = Entry(UUID(int=1), UUID(int=2), Action.REPORT_SENT, UUID(int=3))
RECORDED = st.builds(
    Recorded,
    st.builds(
        Entry,
        st.uuids(),
        st.sampled_from([UUID(int=1), UUID(int=2), UUID(int=3)]),
        st.sampled_from(Action),
        st.none() | st.uuids(),
    ),
    st.datetimes(timezones=st.just(UTC)),
)


def test_every_field_of_an_entry_and_all_before_it_decide_its_hash() -> None:
    written = Recorded(ENTRY, AT)
    others = [
        Recorded(replace(ENTRY, id=UUID(int=9)), AT),
        Recorded(replace(ENTRY, patient_id=UUID(int=9)), AT),
        Recorded(replace(ENTRY, action=Action.REPORT_NOT_SENT), AT),
        Recorded(replace(ENTRY, report_id=UUID(int=9)), AT),
        Recorded(replace(ENTRY, report_id=None), AT),
        Recorded(ENTRY, AT + timedelta(microseconds=1)),
    ]
    hashes = {chained(FIRST, recorded) for recorded in (written, *others)}
    assert len(hashes | {chained(b"\1" * 32, written)}) == len(others) + 2


def test_the_zone_that_a_time_is_read_in_does_not_matter() -> None:
    india = AT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert chained(FIRST, Recorded(ENTRY, AT)) == chained(FIRST, Recorded(ENTRY, india))


@given(st.lists(RECORDED, max_size=12), st.integers(0, 12))
def test_a_chain_does_not_depend_on_the_batches_it_was_linked_in(
    entries: list[Recorded], cut: int
) -> None:
    whole: dict[UUID, tuple[int, bytes]] = {}
    parts: dict[UUID, tuple[int, bytes]] = {}
    links = extend(whole, entries)
    assert extend(parts, entries[:cut]) + extend(parts, entries[cut:]) == links
    assert whole == parts


@given(st.lists(RECORDED, max_size=12))
def test_each_patient_has_a_chain_of_their_own_without_gaps(entries: list[Recorded]) -> None:
    heads: dict[UUID, tuple[int, bytes]] = {}
    links = extend(heads, entries)
    assert [link.entry_id for link in links] == [recorded.entry.id for recorded in entries]
    for patient_id, head in heads.items():
        own = [link for link in links if link.patient_id == patient_id]
        assert [link.position for link in own] == list(range(1, len(own) + 1))
        assert head == (len(own), own[-1].hash)


@given(st.lists(RECORDED, min_size=2, max_size=12), st.data())
def test_an_entry_taken_out_later_shows_in_the_head(
    entries: list[Recorded], data: st.DataObject
) -> None:
    gone = data.draw(st.integers(0, len(entries) - 1))
    whole: dict[UUID, tuple[int, bytes]] = {}
    less: dict[UUID, tuple[int, bytes]] = {}
    extend(whole, entries)
    extend(less, entries[:gone] + entries[gone + 1 :])
    assert whole[entries[gone].entry.patient_id] != less.get(entries[gone].entry.patient_id)
