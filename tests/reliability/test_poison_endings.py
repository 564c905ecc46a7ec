"""The end of poison is told once and dealt with once, even if the process dies that does it."""

import time
from collections.abc import Callable

import pytest

from medvault import failpoints
from medvault.domain.dead_letters import MAX_ATTEMPTS
from medvault.domain.identifiers import NOBODY
from medvault.domain.place import Place
from medvault.ports.transactions import Transaction
from support import pdfs
from support.clinic import webhooks
from support.servers.waiting import wait_until
from support.stack.dead_letters import command, dead, wait_for_dead
from support.stack.dying import AMONG_POISON, ROUNDS, Deaths, die, sides
from support.stack.filing import asked_for_date, list_one
from support.stack.forking import run
from support.stack.phone import Message, Phone, choice
from support.stack.poison import WITHIN, greeted, spill, wamid
from support.stack.stack import Stack

Figures = Callable[..., None]
pytestmark = pytest.mark.long("what is tried five times waits longer each time")


def vanish(stack: Stack, key: str) -> None:
    """Removes an object with all of its versions: the test's store copies what is only deleted."""
    bucket = stack.vault.bucket
    found = bucket.store.client.list_object_versions(Bucket=bucket.name, Prefix=key)
    for version in found["Versions"]:
        bucket.store.client.delete_object(
            Bucket=bucket.name, Key=key, VersionId=version["VersionId"]
        )


def ready_to_file(stack: Stack, phone: Phone, pdf: bytes) -> tuple[str, Message]:
    """Sends a report, up to the last question; returns its file's id, and the question."""
    asked_for_date(phone, pdf)
    phone.say("2 May 2019", "Which hospital")
    phone.say("City Hospital", "What kind")
    asked = phone.say("blood test", "Shall I file it?")
    (media_id,) = stack.vault.media(phone)
    return str(media_id), asked


@pytest.mark.timeout(240)
def test_a_report_whose_file_vanished_is_given_up_and_told_and_filed_once_it_is_back(
    stack: Stack, figures: Figures
) -> None:
    (phone,) = greeted(stack, 1)
    pdf = pdfs.scanned()
    media_id, asked = ready_to_file(stack, phone, pdf)
    key, bucket = f"incoming/{media_id}", stack.vault.bucket
    kept = stack.vault.content(key)
    vanish(stack, key)
    began = time.monotonic()
    phone.send(tap=choice(asked, "File it"))
    phone.say("HELP", "What I can do")
    phone.answer("could not file", seconds=WITHIN)
    died_s = time.monotonic() - began
    assert died_s < WITHIN
    (row,) = dead(stack, "file")
    assert row[:1] + row[2:5] == (media_id, "missing", "MissingObject", MAX_ATTEMPTS)
    phone.say("LIST", "empty")
    bucket.store.client.put_object(Bucket=bucket.name, Key=key, Body=kept)
    for _ in range(2):
        assert command(stack, "replay", "--all", "--kind", "file").returncode == 0
        phone.answer("Filed:") if not stack.vault.reports(phone) else list_one(phone)
    stack.settle()
    assert phone.download(phone.say("GET 1", "City Hospital")) == pdf
    assert sum("Filed:" in answer for answer in phone.answers()) == 1
    figures(died_s=round(died_s, 1))
    wait_until(lambda: not stack.vault.incoming(phone), seconds=15, what="a swept file")


def dies_in_command(stack: Stack, deaths: Deaths, name: str, *asked: str) -> str:
    """An administrator's command dies there; returns what it had printed."""
    ended = run(["dead-letters", *asked], {**stack.inbound.environment, failpoints.VARIABLE: name})
    assert ended.returncode == failpoints.EXIT_CODE
    assert f"fail-point {name}\n" in ended.stderr
    deaths.add(name)
    return ended.stdout


def dead_updates(stack: Stack, count: int) -> list[str]:
    """Messages that nobody can read, each given up by now."""
    for victim in greeted(stack, count):
        stack.meta.post(webhooks.poison(victim.user_id, wamid()))
    wait_for_dead(stack, "update", count)
    return [id for id, *_ in dead(stack, "update")]


def audited(stack: Stack, ending: str) -> int:
    """How often the audit says that this was done with a dead letter."""
    entries = "SELECT 1 FROM audit WHERE action = %s"
    return len(stack.vault.tables.column(entries, f"dead_letter.{ending}"))


def dies_revealing(stack: Stack, deaths: Deaths, rounds: int) -> None:
    ids, said = dead_updates(stack, rounds), "from_user_id"
    for id in ids:
        reveal, before = ("show", id, "--reveal", "--reason", "a test"), audited(stack, "revealed")
        for more, name in enumerate(sides(Transaction.REVEAL_DEAD_LETTER)):
            assert said not in dies_in_command(stack, deaths, name, *reveal)
            assert audited(stack, "revealed") == before + more
        assert said in command(stack, *reveal).stdout
        assert audited(stack, "revealed") == before + 2
    assert command(stack, "discard", *ids, "--reason", "a test").returncode == 0


def dies_replaying(stack: Stack, deaths: Deaths, rounds: int) -> None:
    """An administrator's command; the update it puts back dies once more, and is replayed once."""
    ids, began = dead_updates(stack, rounds), audited(stack, "replayed")
    for before, id in enumerate(ids, began):
        for more, name in enumerate(sides(Transaction.REPLAY_DEAD_LETTER)):
            dies_in_command(stack, deaths, name, "replay", id)
            assert audited(stack, "replayed") == before + more
    wait_for_dead(stack, "update", rounds)
    assert audited(stack, "replayed") == began + rounds
    assert command(stack, "discard", *ids, "--reason", "a test").returncode == 0


def dies_discarding(stack: Stack, deaths: Deaths, rounds: int) -> None:
    ids, began = dead_updates(stack, rounds), audited(stack, "discarded")
    for done, id in enumerate(ids):
        discard = ("discard", id, "--reason", "a test")
        for more, name in enumerate(sides(Transaction.DISCARD_DEAD_LETTER)):
            dies_in_command(stack, deaths, name, *discard)
            assert audited(stack, "discarded") == began + done + more
            assert len(dead(stack, "update")) == rounds - done - more
        assert "was dealt with before" in command(stack, *discard).stdout
        assert audited(stack, "discarded") == began + done + 1


def dies_burying(stack: Stack, deaths: Deaths, rounds: int) -> None:
    for _ in range(rounds):
        _dies_burying(stack, deaths)


def _dies_burying(stack: Stack, deaths: Deaths) -> None:
    """A worker, of a webhook that nobody can open."""
    stack.inbound.kill()
    spill(stack, [webhooks.text("IN.somebody", wamid(), "hello")], place=Place.state(NOBODY))
    die(stack.inbound, sides(Transaction.BURY_SPILLED), deaths, WITHIN)
    stack.inbound.start()
    stack.inbound.wait()
    wait_for_dead(stack, "webhook", 1)
    ((id, *_, attempts, _),) = dead(stack, "webhook")
    assert attempts == MAX_ATTEMPTS
    assert "can't be replayed" in command(stack, "replay", id).stdout
    assert command(stack, "discard", id, "--reason", "a test").returncode == 0
    stack.settle()
    assert not dead(stack, "webhook")


def dies_losing(stack: Stack, deaths: Deaths, rounds: int) -> None:
    for _ in range(rounds):
        _dies_losing(stack, deaths)


def _dies_losing(stack: Stack, deaths: Deaths) -> None:
    """A worker, at the last try of a report whose file vanished, whose lease then is over."""
    (phone,) = greeted(stack, 1)
    media_id, asked = ready_to_file(stack, phone, pdfs.scanned())
    vanish(stack, f"incoming/{media_id}")
    stack.media.kill()
    phone.send(tap=choice(asked, "File it"))
    filing = "SELECT 1 FROM media WHERE id = %s AND state = 'filing'"
    wait_until(lambda: stack.vault.tables.column(filing, media_id), seconds=20, what="a filing")
    due = "UPDATE media SET due_at = now(), attempts = greatest(attempts, %s) WHERE id = %s"
    for name in sides(Transaction.LOSE_REPORT):
        stack.vault.tables.rows(due, MAX_ATTEMPTS - 1, media_id)
        die(stack.media, [name], deaths, WITHIN)
    stack.media.start()
    stack.media.wait()
    phone.answer("could not file")
    ((id, *_),) = dead(stack, "file")
    assert id == media_id
    phone.say("LIST", "empty")
    assert command(stack, "discard", id, "--reason", "a test").returncode == 0
    stack.settle()
    assert sum("could not file" in answer for answer in phone.answers()) == 1


DYING: dict[Transaction, Callable[[Stack, Deaths, int], None]] = {
    Transaction.REVEAL_DEAD_LETTER: dies_revealing,
    Transaction.REPLAY_DEAD_LETTER: dies_replaying,
    Transaction.DISCARD_DEAD_LETTER: dies_discarding,
    Transaction.BURY_SPILLED: dies_burying,
    Transaction.LOSE_REPORT: dies_losing,
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("point", AMONG_POISON)
def test_what_dies_while_it_deals_with_poison_has_done_it_once(
    stack: Stack, point: Transaction, full: bool
) -> None:
    deaths, rounds = Deaths(), ROUNDS if full else 1
    DYING[point](stack, deaths, rounds)
    assert deaths.names == sides(point) * rounds
