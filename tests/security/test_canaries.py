"""A patient leaves unique words wherever a word fits; nothing that medvault leaves shows one.

The words are looked for in clear, base64, UTF-16, hex and JSON's escapes: in files, databases,
objects, queues, cache, logs, metrics, probes' answers, arguments and temporary files. The control
is the same search where a word in each of these encodings was planted.
"""

import json
import shutil
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest
import redis
import urllib3
from pikepdf import Pdf, Stream

from integration.demo.patient import Patient
from support import canary_webhooks, pdfs
from support.attacks import Attacks
from support.canaries import Canaries, files_below, seen_by_the_machine
from support.demo import DemoCommand
from support.servers.machine import family
from support.servers.rabbitmq import RabbitMQ
from support.servers.waiting import wait_until
from support.stack.environment import NewServers
from support.stack.meta import PATH, Meta
from support.stack.phone import choice
from support.stack.stack import Stack, running_stack

TABLES = "SELECT c.oid::regclass::text FROM pg_class c WHERE relkind IN ('r', 'm') AND {}"
OURS = "relnamespace = 'public'::regnamespace"


@pytest.fixture
def canaries() -> Canaries:
    return Canaries()


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files that is searched too; short, for sockets lie in it."""
    folder = Path(tempfile.mkdtemp(prefix="c", dir="/tmp"))
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    shutil.rmtree(folder)


def report(canaries: Canaries) -> bytes:
    """A PDF with canaries in its title, its text, and behind its end."""

    def sign(pdf: Pdf) -> None:
        pdf.docinfo["/Title"] = canaries.word()
        text = f"BT /F1 9 Tf ({canaries.word()}) Tj ET".encode()
        pdf.pages[0].Contents = Stream(pdf, text)

    return pdfs.changed(sign, **pdfs.AS_IT_IS) + canaries.word("\n% ").encode()


def attack(meta: Meta, canaries: Canaries, *, full: bool) -> int:
    """Posts all webhooks, signed and not, and whatever else reaches the API; how many it took."""
    answers = [
        meta.post(body, signature)
        for body in canary_webhooks.bodies(canaries, each=full)
        for signature in ("right", f"sha256={canaries.word()}")
    ]
    assert {answer.status for answer in answers} == {200, 401}
    base = meta.webhook_url
    asked = {"hub.mode": "subscribe", "hub.challenge": canaries.word()}
    urllib3.request("GET", base, fields={**asked, "hub.verify_token": canaries.word()})
    for path in (f"{base}/{canaries.word()}", f"{base}?{canaries.word()}={canaries.word()}"):
        # A client refused before its body is read may find the connection closed, and no more.
        with suppress(urllib3.exceptions.ProtocolError):
            urllib3.request(
                "POST", path, headers={canaries.word("X-"): canaries.word()}, body=b"{}"
            )
    malformed(base, canaries)
    return sum(answer.status == 200 for answer in answers)


def malformed(url: str, canaries: Canaries) -> None:
    """Requests that HTTP does not know."""
    parts = urlsplit(url)
    for line in (f"{canaries.word()} {PATH}", f"POST {PATH} HTTP/{canaries.word()}", "\x16\x03"):
        with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
            connection.sendall(f"{line}\r\nX: {canaries.word()}\n\r\n\r\n".encode())
            connection.recv(4096)


def probes(urls: Mapping[str, str]) -> dict[str, bytes]:
    return {
        f"{path} of {name}": urllib3.request("GET", url + path).data
        for name, url in urls.items()
        for path in ("/ready", "/health", "/metrics")
    }


def conclude(name: str, canaries: Canaries, places: dict[str, bytes], attacks: Attacks) -> None:
    """The search and its control: each place once more, each encoding planted into one of them."""
    hits = canaries.hits(places)
    planted = canaries.planted()
    found = sum(form in canaries.found_in(data) for form, data in planted.items())
    control = f"{name}_hits_control"
    attacks.measured(**{name: canaries.count, f"{name}_hits": len(hits), control: found})
    assert hits == []
    assert found == len(planted) > 20
    assert canaries.hits({**places, "planted": planted["clear"]}) != []


def test_a_demo_shows_no_patient(
    tmp_path: Path, temporary: Path, canaries: Canaries, attacks: Attacks, full: bool
) -> None:
    with DemoCommand(tmp_path / "data") as demo:
        secret = json.loads((demo.folder / "secrets.json").read_text())["app_secret"]
        meta = Meta(demo.chat_url, demo.api_url, secret)
        patient = Patient.new(demo.chat_url, canaries.word("Zerlina "), "+919812345067")
        canaries.watch("phone", "9812345067")
        hospital, text = canaries.word("Wombat "), canaries.word("remember ")
        patient.files(report(canaries), hospital, canaries.word(after=".pdf"), canaries.word())
        patient.says(text)
        assert hospital in patient.says("LIST")["rows"][0]["description"]
        patient.says("GET 1")
        for wamid in patient.wamids():
            canaries.watch("wamid", wamid.removeprefix("wamid."))
        taken = attack(meta, canaries, full=full)
        assert taken > 20
        rows = "medvault_messages_handled_total{"
        wait_until(lambda: total(demo, rows) >= taken / 2, seconds=60, what="most of the webhooks")
        if full:
            dead = 'medvault_dead_letters{kind="update"}'
            wait_until(lambda: total(demo, dead) > 0, seconds=90, what="what nobody can read")
        patient.says("LIST")
        places = probes({"demo": demo.probe_url})
        places |= seen_by_the_machine(demo.processes)
        places |= files_below([temporary])
    places |= files_below([demo.folder]) | {"log": demo.printed.encode()}
    assert sum(map(len, places.values())) > 1_000_000, "the database at least"
    conclude("canary", canaries, places, attacks)


def total(demo: DemoCommand, series: str) -> float:
    """The sum of all series that begin so."""
    lines = urllib3.request("GET", f"{demo.probe_url}/metrics").data.decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(series))


def test_a_whole_stack_shows_no_patient(
    new_servers: NewServers,
    rabbitmq: RabbitMQ,
    tmp_path: Path,
    canaries: Canaries,
    attacks: Attacks,
    full: bool,
) -> None:
    settings = {"log_level": "debug"}
    with new_servers() as servers, running_stack(servers, tmp_path, settings=settings) as stack:
        phone = stack.phone(name=canaries.word("Zerlina "))
        phone.say(canaries.word(), "Welcome")
        name, caption = canaries.word(after=".pdf"), canaries.word()
        phone.send_file(report(canaries), name, "application/pdf", caption)
        phone.answer("date")
        phone.say("14 March 2019", "Which hospital")
        phone.say(canaries.word("Wombat "), "What kind")
        phone.say(canaries.word(), "I don't know that kind")
        asked = phone.say("Lab test", "Shall I file it?")
        phone.tap(choice(asked, "File it"), "Filed:")
        phone.say("LIST", "newest first")
        phone.say("GET 1", "Wombat")
        canaries.watch("phone", (phone.number or "").removeprefix("+91"))
        canaries.watch("user id", phone.user_id)
        assert attack(stack.meta, canaries, full=full) > 20
        phone.say("LIST", "newest first")
        places = probes({process.name: process.url for process in stack.processes})
        for process in stack.processes:
            places |= seen_by_the_machine(family(process.pid))
        for worker in (stack.inbound, stack.media, stack.outbound):
            worker.kill()
        attack(stack.meta, canaries, full=False)
        places |= in_the_broker(stack, rabbitmq) | in_the_database(stack) | in_the_cache(stack)
        objects = stack.vault.bucket.keys()
        assert objects
        for key in objects:
            places |= {f"object {key}": stack.vault.content(key), f"key {key}": key.encode()}
        places |= files_below([tmp_path])
    conclude("canary_stack", canaries, places, attacks)


def in_the_broker(stack: Stack, rabbitmq: RabbitMQ) -> dict[str, bytes]:
    """The management API's answers about the virtual host, and the messages in its queues.

    Nobody else may get messages from a queue for a single consumer: `intake` is empty here.
    """
    vhost = quote(unquote(urlsplit(stack.servers.amqp_url).path.removeprefix("/")), safe="")
    kinds = ("queues", "exchanges", "bindings", "connections", "channels", "consumers")
    paths = {kind: f"/api/{kind}" for kind in ("connections", "channels")}
    paths |= {kind: f"/api/{kind}/{vhost}" for kind in kinds if kind not in paths}
    places = {kind: rabbitmq.management("GET", path).data for kind, path in paths.items()}
    asked = {"count": 1000, "ackmode": "ack_requeue_true", "encoding": "base64"}
    open_to_all = [
        queue
        for queue in json.loads(places["queues"])
        if not queue["arguments"].get("x-single-active-consumer")
    ]
    for queue in open_to_all:
        path = f"/api/queues/{vhost}/{quote(queue['name'], safe='')}/get"
        places[f"messages of {queue['name']}"] = rabbitmq.management("POST", path, asked).data
    assert b"payload" in places["messages of medvault.inbound"], "the workers are gone"
    return places


def in_the_database(stack: Stack) -> dict[str, bytes]:
    """Every row of every table; bytes are shown in hex."""
    tables = stack.vault.tables
    names = tables.column(TABLES.format(OURS))
    assert len(names) > 8
    rows = {name: tables.rows(f"SELECT t::text FROM {name} t") for name in names}
    return {f"table {name}": repr(found).encode() for name, found in rows.items()}


def in_the_cache(stack: Stack) -> dict[str, bytes]:
    """Every key, and its value as it is stored."""
    with redis.Redis.from_url(stack.servers.cache_url) as client:
        keys = list(client.scan_iter())
        return {f"cached {n}": key + (client.dump(key) or b"") for n, key in enumerate(keys)}
