"""Questions that Meta asks once and a cluster always, and secrets that nobody must ever be told."""

import json
from urllib.parse import urlencode

import pytest
import urllib3

from support import pdfs
from support.stack.filing import file_pdf, list_one
from support.stack.meta import PATH
from support.stack.phone import choice
from support.stack.service import Service, run
from support.stack.stack import Stack

DEPENDENCIES = {
    "api": {"database", "broker"},
    "inbound": {"database", "broker", "cache"},
    "media": {"database", "broker", "cache", "store", "scanner"},
    "outbound": {"database", "broker", "cache", "channel"},
}
MEANT = {"webhook set aside"}
"""Errors that other tests cause on purpose in the stack that they share with these."""


def handshake(stack: Stack, **changes: str) -> urllib3.BaseHTTPResponse:
    asked = {"mode": "subscribe", "verify_token": "wrong", "challenge": "1158201444", **changes}
    return stack.api.get(f"{PATH}?{urlencode({f'hub.{key}': v for key, v in asked.items()})}")


def test_meta_gets_its_challenge_back(stack: Stack) -> None:
    found = stack.meta.control("POST", "/app/verify")
    assert found == {"verified": True, "status": 200}


def test_who_does_not_know_the_token_gets_no_challenge(stack: Stack) -> None:
    with stack.api.counting("rejected_requests_total", reason="verify_token"):
        answer = handshake(stack)
    assert answer.status == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert b"1158201444" not in answer.data


def test_another_mode_gets_no_challenge(stack: Stack) -> None:
    assert handshake(stack, mode="unsubscribe").status == 403
    assert stack.api.get(PATH).status == 403


@pytest.mark.parametrize("name", DEPENDENCIES)
def test_every_process_answers_probes_on_its_own_port(stack: Stack, name: str) -> None:
    process = getattr(stack, name)
    assert process.get("/health").json() == {"status": "ok"}
    for ready in (process.get("/ready"), process.probe("/ready")):
        assert ready.status == 200
        assert ready.json()["status"] == "ready"
    found = process.dependencies()
    assert set(found) == DEPENDENCIES[name]
    for dependency in found.values():
        assert dependency["state"] == "up"
        assert 0 <= dependency["ms"] < 1000


@pytest.mark.parametrize("name", DEPENDENCIES)
def test_every_process_is_measured(stack: Stack, name: str) -> None:
    process = getattr(stack, name)
    process.probe("/ready")
    assert process.metric("medvault_dependency_up", dependency="database") == 1
    assert process.metric("process_resident_memory_bytes") > 0


def test_inbound_alone_tells_how_much_work_waits(stack: Stack) -> None:
    stack.settle()
    answer = stack.inbound.probe("/waiting")
    assert answer.status == 200
    found = answer.json()["queues"]
    assert set(found) == {"inbound", "media", "outbound"}
    for told in found.values():
        assert told["depth"] == told["waiting"] + told["in_work"]
    assert stack.media.probe("/waiting").status == stack.outbound.probe("/waiting").status == 404


def test_an_unknown_path_is_not_found(stack: Stack) -> None:
    for process in stack.processes:
        assert process.get("/admin").status == process.probe("/admin").status == 404
    assert stack.api.get("/metrics").status == 404


def test_neither_secrets_nor_patients_show_in_any_output(stack: Stack) -> None:
    phone = stack.phone(name="Kavya Unmistakable")
    phone.say("Helicobacter", "Welcome")
    phone.send_file(pdfs.scanned(), "kavya-biopsy.pdf", "application/pdf", "14 March 2019")
    phone.answer("Which hospital")
    phone.say("Saint Unmistakable", "What kind")
    asked = phone.say("biopsy", "Shall I file it?")
    phone.tap(choice(asked, "File it"), "Filed:")
    list_one(phone)
    phone.say("GET 1", "Saint Unmistakable")
    stack.settle()
    assert phone.number is not None
    private = [phone.number.removeprefix("+"), phone.user_id, "nmistakable", "elicobacter"]
    private += ["kavya", "biopsy", "14 March", "2019-03-14", "wamid.", "city hospital"]
    said = "\n".join(
        process.log
        + process.probe("/ready").data.decode()
        + process.probe("/metrics").data.decode()
        for process in stack.processes
    ).lower()
    assert not [word for word in (*private, *stack.secrets) if word.lower() in said]


def test_logs_are_json_lines_that_name_their_process(stack: Stack) -> None:
    for process in stack.processes:
        assert process.log
        for line in lines(process):
            assert line["component"] == process.name


def test_every_process_says_where_it_listens(stack: Stack) -> None:
    for process in stack.processes:
        told = [line for line in lines(process) if line["event"] in ("listens", "probes listen")]
        assert told
        for line in told:
            assert process.url.endswith(f":{line['port']}")
            assert line["host"] == "127.0.0.1"


def test_a_port_that_is_taken_is_told_by_its_code(stack: Stack) -> None:
    second = run(["api"], stack.api.environment)
    assert second.returncode != 0
    assert '"code": "EADDRINUSE"' in second.stderr


def test_no_process_met_an_error_that_it_did_not_expect(stack: Stack) -> None:
    file_pdf(stack.phone(), pdfs.scanned())
    told = [line for process in stack.processes for line in lines(process)]
    assert {line["event"] for line in told if line["level"] not in ("info", "warning")} <= MEANT


def lines(process: Service) -> list[dict[str, str]]:
    """The log without what Celery says about a signal, past all logging."""
    said = process.log.splitlines()
    return [json.loads(line) for line in said if line and not line.startswith("worker: ")]
