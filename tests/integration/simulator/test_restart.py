import dataclasses
import os
from pathlib import Path

import pytest

from integration.simulator.business import Business
from integration.simulator.receiver import Receiver
from medvault.simulator.options import SimulatorOptions
from medvault.simulator.server import in_thread
from support.servers.waiting import wait_until


@pytest.fixture
def kept(options: SimulatorOptions, tmp_path: Path) -> SimulatorOptions:
    journal = tmp_path / "simulator" / "journal"
    return dataclasses.replace(options, journal=journal, journal_key=os.urandom(32))


def settled(business: Business) -> bool:
    return bool(business.ledger()["idle"])


def test_users_chats_and_media_survive_a_restart(
    kept: SimulatorOptions, receiver: Receiver, tmp_path: Path
) -> None:
    with in_thread(kept) as simulator:
        before = Business(simulator.url, kept.phone_number_id)
        user = before.user(name="Asha Verma")
        before.says(user, text="a secret about my health")
        before.sends_file(user, b"%PDF-1.4 secret bytes", "secret.pdf", "application/pdf")
        before.send_text(user, "answer")
        wait_until(lambda: settled(before), seconds=5, what="idle")
        chat = before.chat(user)
    posted = len(receiver.hooks)
    on_disk = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"secret" not in on_disk
    assert b"919876543210" not in on_disk
    with in_thread(kept) as simulator:
        after = Business(simulator.url, kept.phone_number_id)
        assert after.ok("GET", "/sim/users") == [user]
        assert after.chat(user) == chat
        media = after.get(f"{after.url}/sim/media/{chat[1]['media_id']}")
        assert media.data == b"%PDF-1.4 secret bytes"
        after.send_text(user, "still in the window")
        wait_until(lambda: settled(after), seconds=5, what="idle")
    assert len(receiver.messages()) == 2
    assert len(receiver.hooks) > posted


def test_the_ledger_survives_a_restart_and_goes_on(
    kept: SimulatorOptions, receiver: Receiver
) -> None:
    receiver.refusals.append(503)
    with in_thread(kept) as simulator:
        before = Business(simulator.url, kept.phone_number_id)
        user = before.user()
        before.says(user, text="hello")
        before.send_text(user, "answer")
        wait_until(lambda: settled(before), seconds=5, what="idle")
        ledger = before.ledger()
    with in_thread(kept) as simulator:
        after = Business(simulator.url, kept.phone_number_id)
        remembered = after.ledger()
        assert remembered["webhooks"] == ledger["webhooks"]
        assert remembered["sends"] == ledger["sends"]
        assert remembered["seq"] == ledger["seq"]
        after.send_text(user, "another answer")
        wait_until(lambda: settled(after), seconds=5, what="idle")
        assert len(after.ok("GET", f"/sim/ledger?since={ledger['seq']}")["sends"]) == 1
        assert len(after.ledger()["sends"]) == 2


def test_an_unanswered_webhook_is_sent_after_a_restart(
    kept: SimulatorOptions, receiver: Receiver
) -> None:
    receiver.refusals.extend([503] * 10_000)
    with in_thread(kept) as simulator:
        business = Business(simulator.url, kept.phone_number_id)
        wamid = business.says(business.user(), text="hello")
        receiver.wait_for_messages(1)
    receiver.refusals.clear()
    receiver.hooks.clear()
    with in_thread(kept):
        assert receiver.wait_for_messages(1)[0]["id"] == wamid


def test_a_journal_cut_off_by_a_kill_opens_without_its_last_record(
    kept: SimulatorOptions, receiver: Receiver
) -> None:
    with in_thread(kept) as simulator:
        user = Business(simulator.url, kept.phone_number_id).user()
    assert kept.journal is not None
    with kept.journal.open("ab") as file:
        file.write(b"\x00\x00\x01\x00half a record")
    for _ in range(2):
        with in_thread(kept) as simulator:
            business = Business(simulator.url, kept.phone_number_id)
            assert business.ok("GET", "/sim/users")[0]["id"] == user["id"]
            business.says(user, text="hello")


def test_another_key_does_not_open_the_journal(kept: SimulatorOptions, receiver: Receiver) -> None:
    with in_thread(kept) as simulator:
        Business(simulator.url, kept.phone_number_id).user()
    stranger = dataclasses.replace(kept, journal_key=os.urandom(32))
    with pytest.raises(RuntimeError), in_thread(stranger):
        pass


def test_without_a_journal_nothing_is_left_behind(
    options: SimulatorOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with in_thread(options) as simulator:
        business = Business(simulator.url, options.phone_number_id)
        business.upload(b"%PDF-1.4", "application/pdf")
        assert any(tmp_path.iterdir())
    assert not any(tmp_path.iterdir())


def test_a_taken_port_is_reported(options: SimulatorOptions, receiver: Receiver) -> None:
    taken = dataclasses.replace(options, port=receiver.port)
    with pytest.raises(RuntimeError) as caught, in_thread(taken):
        pass
    assert isinstance(caught.value.__cause__, OSError)
