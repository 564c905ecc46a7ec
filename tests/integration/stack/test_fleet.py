"""Several processes of each kind do one another's work when some of them die."""

from collections.abc import Iterator

import pytest

from support import pdfs
from support.servers.waiting import wait_until
from support.stack.environment import NewServers
from support.stack.filing import file_pdf, list_one
from support.stack.fleet import Fleet, Sizes, running_fleet
from support.stack.service import Spawn

TWO_OF_EACH = Sizes(api=2, inbound=2, media=2, outbound=2)


@pytest.fixture(scope="module")
def fleet(
    new_servers: NewServers,
    tmp_path_factory: pytest.TempPathFactory,
    spawn: Spawn,
) -> Iterator[Fleet]:
    folder = tmp_path_factory.mktemp("fleet")
    with (
        new_servers() as servers,
        running_fleet(servers, folder, TWO_OF_EACH, spawn=spawn) as running,
    ):
        yield running


def test_the_second_of_each_kind_goes_on_when_the_first_is_killed(fleet: Fleet) -> None:
    phone, pdf = fleet.phone(), pdfs.scanned()
    firsts = [kind[0] for kind in (fleet.apis, fleet.inbound, fleet.media, fleet.outbound)]
    for process in firsts:
        process.kill()
        assert not process.runs
    try:
        file_pdf(phone, pdf)
        list_one(phone)
        assert phone.download(phone.say("GET 1", "City Hospital")) == pdf
    finally:
        for process in firsts:
            process.start()
    for process in firsts:
        process.wait()
    fleet.settle()


def test_a_frozen_api_gets_no_webhooks_until_it_goes_on(fleet: Fleet) -> None:
    phone, frozen = fleet.phone(), fleet.apis[0]
    frozen.pause()
    try:
        assert not frozen.is_ready()
        for _ in range(3):
            phone.say("HELP", "What I can do")
    finally:
        frozen.resume()
    wait_until(frozen.is_ready, seconds=10, what="the API that went on")
    fleet.settle()


def test_a_killed_balancer_loses_nothing(fleet: Fleet) -> None:
    phone = fleet.phone()
    fleet.balancer.kill()
    wamid = phone.send(text="HELP")
    wait_until(lambda: fleet.meta.attempts(wamid), seconds=10, what="a failed attempt")
    fleet.balancer.start()
    phone.answer("What I can do")
    attempts = fleet.meta.attempts(wamid)
    assert attempts[-1] == 200
    assert None in attempts
    fleet.settle()
