"""Work that always fails is tried five times at most and set aside; everybody else goes on."""

import time
from collections.abc import Callable

import pytest

from medvault.adapters.crypto.blind_index import KeyedIndex
from medvault.domain.dead_letters import MAX_ATTEMPTS
from support import pdfs
from support.clinic import webhooks
from support.stack.crashing import FATAL
from support.stack.dead_letters import command, dead, listed, wait_for_dead
from support.stack.poison import WITHIN, greeted, spill, wamid
from support.stack.restarts import kept_running
from support.stack.stack import Stack

Figures = Callable[..., None]
pytestmark = pytest.mark.long("what is tried five times waits longer each time")

NEIGHBOURS = 4
REFUSING = """
CREATE FUNCTION refuse_webhook() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'check_violation'; END $$;
CREATE TRIGGER refuse_webhook BEFORE INSERT ON inbox FOR EACH ROW
    WHEN (NEW.subject = '{subject}') EXECUTE FUNCTION refuse_webhook();
"""
ACCEPTING = "DROP TRIGGER refuse_webhook ON inbox; DROP FUNCTION refuse_webhook()"


@pytest.mark.timeout(300)
def test_messages_that_can_not_be_read_hold_up_nobody(
    stack: Stack, full: bool, figures: Figures
) -> None:
    victims, others = greeted(stack, 100 if full else 5), greeted(stack, 100 if full else 10)
    each = 10 if full else 4
    began = time.monotonic()
    for victim in victims:
        stack.meta.post(webhooks.poison(victim.user_id, wamid()))
        victim.send(text="LIST")
    for _ in range(each):
        for other in others:
            other.send(text="HELP")
    for other in others:
        for _ in range(each):
            other.answer("What I can do", seconds=WITHIN)
    innocent_s = time.monotonic() - began
    for victim in victims:
        victim.answer("empty", seconds=WITHIN)
    wait_for_dead(stack, "update", len(victims))
    rows = dead(stack, "update")
    assert {row[2:5] for row in rows} == {("unreadable", rows[0][3], MAX_ATTEMPTS)}
    assert len(rows) == len(victims)
    assert max(row[5] for row in rows) < WITHIN
    figures(
        poisons=len(victims),
        innocents=len(others) * each,
        slowest_death_s=round(max(row[5] for row in rows), 1),
        innocents_answered_s=round(innocent_s, 1),
    )
    discarded = command(stack, "discard", *(row[0] for row in rows), "--reason", "a test's own")
    assert discarded.returncode == 0, discarded.stderr
    assert not dead(stack, "update")


def test_a_state_that_nobody_can_open_is_set_aside_and_its_patient_answered(
    stack: Stack, figures: Figures
) -> None:
    (victim,) = greeted(stack, 1)
    spoilt = "UPDATE conversations SET sealed = '\\x00' WHERE patient_id = %s"
    stack.vault.tables.rows(spoilt, str(stack.vault.patient(victim)))
    began = time.monotonic()
    victim.send(text="LIST")
    victim.answer("Your vault is *locked*", seconds=WITHIN)
    figures(answered_again_s=round(time.monotonic() - began, 1))
    began = time.monotonic()
    victim.say("HELP", "Your vault is *locked*")
    assert time.monotonic() - began < 5
    ((_, _, *how, _),) = dead(stack, "conversation")
    assert how == ["state_unreadable", "StateUnreadable", MAX_ATTEMPTS]


def test_a_webhook_that_can_not_be_stored_lets_those_behind_it_pass_and_comes_back_once(
    stack: Stack, figures: Figures
) -> None:
    victim, *others = greeted(stack, 4)
    subject = KeyedIndex.parse(stack.keys.index)("bsuid", victim.user_id)
    stack.vault.tables.rows(REFUSING.format(subject=subject))
    began = time.monotonic()
    spill(stack, [webhooks.text(phone.user_id, wamid(), "HELP") for phone in (victim, *others)])
    for other in others:
        other.answer("What I can do")
    passed_s = time.monotonic() - began
    wait_for_dead(stack, "webhook", 1)
    died_s = time.monotonic() - began
    assert died_s < WITHIN
    (row,) = dead(stack, "webhook")
    assert row[2:5] == ("raised", "DatabaseRefused", MAX_ATTEMPTS)
    stack.vault.tables.rows(ACCEPTING)
    for said in ("is back in line", "was dealt with before"):
        assert said in command(stack, "replay", row[0]).stdout
    victim.answer("What I can do")
    stack.settle()
    assert sum("What I can do" in answer for answer in victim.answers()) == 1
    figures(behind_it_passed_s=round(passed_s, 1), died_s=round(died_s, 1))


@pytest.mark.timeout(240)
def test_what_kills_its_process_every_time_dies_itself_after_five_times(
    stack: Stack, figures: Figures
) -> None:
    victim, sender, *others = greeted(stack, 8)
    neighbours = greeted(stack, NEIGHBOURS)
    began, when = time.monotonic(), {}
    with kept_running([stack.inbound, stack.media]) as deaths:
        for phone, more in ((sender, f"\n% {FATAL}\n"), *((one, "\n") for one in neighbours)):
            phone.send_file(pdfs.scanned() + more.encode(), "a.pdf", "application/pdf")
        victim.send(text=FATAL)
        victim.send(text="LIST")
        for other in others:
            other.send(text="HELP")
        wait_for_dead(stack, "update", 1, WITHIN)
        when["update"] = round(time.monotonic() - began, 1)
        for other in others:
            other.answer("What I can do")
        victim.answer("empty")
        for neighbour in neighbours:
            neighbour.answer("What date", seconds=WITHIN)
        when["neighbours"] = round(time.monotonic() - began, 1)
        sender.answer("Something went wrong", seconds=WITHIN)
        when["file"] = round(time.monotonic() - began, 1)
    (message,), (file,) = dead(stack, "update"), dead(stack, "file")
    assert message[2:5] == ("crash", None, MAX_ATTEMPTS)
    assert file[2:5] == ("crash", None, MAX_ATTEMPTS)
    assert max(when.values()) < WITHIN
    assert deaths.of["inbound"] <= MAX_ATTEMPTS
    assert deaths.of["media"] <= MAX_ATTEMPTS
    assert not stack.vault.tables.column("SELECT 1 FROM inbox WHERE done_at IS NULL")
    figures(died_s=when, crashes=deaths.of)
    sender.send(text="HELP")
    sender.answer("What I can do")
    refused = command(stack, "replay", file[0])
    assert refused.returncode == 0
    assert "can't be replayed" in refused.stdout
    assert [row["id"] for row in listed(stack, "--kind", "file")] == [file[0]]
    gone = command(stack, "discard", file[0], message[0], "--reason", "tried")
    assert gone.returncode == 0, gone.stderr
