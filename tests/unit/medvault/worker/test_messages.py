"""Wake-ups on the wire."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvault.adapters.amqp.messages import IDS_PER_MESSAGE, pack, unpack, wake_ups
from medvault.adapters.amqp.topology import dead_queue_name, declarations, queue_name
from medvault.domain.errors import Permanent
from medvault.ports import Queue


@given(st.lists(st.uuids(), min_size=1, max_size=IDS_PER_MESSAGE))
def test_packed_ids_come_out_as_they_went_in(ids: list[UUID]) -> None:
    assert unpack(pack(ids)) == ids


@pytest.mark.parametrize("length", [0, 1, 15, 17, 31])
def test_a_body_of_another_length_is_no_wake_up(length: int) -> None:
    with pytest.raises(Permanent, match=f"{length} bytes"):
        unpack(bytes(length))


@pytest.mark.parametrize(("ids", "messages"), [(0, 0), (1, 1), (32, 1), (33, 2), (100, 4)])
def test_wake_ups_take_as_few_messages_as_the_limit_allows(ids: int, messages: int) -> None:
    woken = [uuid4() for _ in range(ids)]
    written = list(wake_ups(Queue.INBOUND, woken))
    assert len(written) == messages
    assert [id for message in written for id in unpack(message.body)] == woken
    assert sum(message.ids for message in written) == ids


def test_every_file_is_a_task_of_its_own() -> None:
    written = list(wake_ups(Queue.MEDIA, [uuid4() for _ in range(3)]))
    tasks = {message.properties["headers"]["id"] for message in written}
    assert len(written) == len(tasks) == 3


@pytest.mark.parametrize("queue", Queue)
def test_every_queue_has_a_limit_of_deliveries_and_of_length_and_a_place_for_dead_letters(
    queue: Queue,
) -> None:
    declared = {declaration.name: declaration.arguments for declaration in declarations("p.")}
    arguments = declared[queue_name("p.", queue)]
    assert arguments["x-dead-letter-routing-key"] == dead_queue_name("p.", queue)
    assert arguments["x-delivery-limit"] == 20
    assert {"x-max-length", "x-max-length-bytes"} & arguments.keys()
    assert "x-max-length" not in declared[dead_queue_name("p.", queue)]


def test_a_dead_letter_queue_is_declared_before_the_queue_that_needs_it() -> None:
    names = [declaration.name for declaration in declarations("p.")]
    for queue in Queue:
        assert names.index(dead_queue_name("p.", queue)) < names.index(queue_name("p.", queue))


def test_only_intake_is_consumed_in_order_by_one_worker() -> None:
    single = [
        declaration.name
        for declaration in declarations("p.")
        if "x-single-active-consumer" in declaration.arguments
    ]
    assert single == ["p.intake"]
