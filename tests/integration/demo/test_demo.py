"""`medvault demo`, as a command: its output, its end, and the things that it leaves behind.

It runs as the user who runs the tests: for root its PostgreSQL is put into a user namespace.
"""

import json
import os
import signal
import subprocess
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
import urllib3

from integration.demo.conftest import FiledReport
from integration.demo.patient import FILENAME, HOSPITAL, NAME, PHONE, Patient
from support.canaries import Canaries, files_below
from support.demo import MEDVAULT, DemoCommand
from support.servers.machine import listening
from support.servers.waiting import wait_until


def expect_the_report(demo: DemoCommand, filed: FiledReport) -> None:
    patient = Patient.returning(demo.chat_url)
    assert (patient.user["name"], patient.user["phone"]) == (NAME, PHONE)
    (row,) = patient.says("LIST")["rows"]
    assert HOSPITAL in row["description"]
    assert patient.opens(patient.says("GET 1")) == filed.data


def test_the_tour_shows_a_patient_filing_and_getting_reports_back(tmp_path: Path) -> None:
    tour = DemoCommand(tmp_path / "data", "--tour").launch()
    assert tour.ended() == 0, tour.printed
    chat = tour.printed
    for said in ("patient  | Hello", "Filed: Lab test, City Hospital, 2 May 2019.", "GET 2"):
        assert said in chat
    assert "byte for byte" in chat
    assert "Traceback" not in chat


def test_a_tour_that_is_told_to_end_does(tmp_path: Path) -> None:
    tour = DemoCommand(tmp_path / "data", "--tour").launch()
    wait_until(lambda: "patient  |" in tour.printed, seconds=60, what="the tour's first line")
    assert tour.end() == 1
    assert "told to end" in tour.printed


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_demo_with_everything_that_it_started(
    filed: FiledReport, by: signal.Signals
) -> None:
    demo = DemoCommand(filed.folder).start()
    assert len(demo.left_over()) > 2, "the demo and a PostgreSQL with its children"
    assert demo.end(by) == 0
    assert demo.left_over() == []
    assert not (filed.folder / "postgres" / "postmaster.pid").exists()
    assert not listening(demo.api_port)
    assert not listening(demo.simulator_port)
    assert "Traceback" not in demo.printed


def test_the_next_start_finds_the_patient_and_the_report(filed: FiledReport) -> None:
    with DemoCommand(filed.folder) as demo:
        expect_the_report(demo, filed)


@pytest.mark.long("a demo dies, and another starts over its folder")
def test_a_killed_demo_takes_postgresql_along_and_starts_again(filed: FiledReport) -> None:
    killed = DemoCommand(filed.folder).start()
    killed.end(signal.SIGKILL)
    with DemoCommand(filed.folder) as demo:
        wait_until(lambda: not killed.left_over(), seconds=5, what="end of the killed demo's")
        expect_the_report(demo, filed)


@pytest.mark.long("a server dies and is waited for")
def test_a_postgresql_that_is_killed_is_started_again(filed: FiledReport) -> None:
    with DemoCommand(filed.folder) as demo:
        lock = filed.folder / "postgres" / "postmaster.pid"
        killed = int(lock.read_text().split()[0])
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: server_on(lock) not in (None, killed), seconds=30, what="another one")
        expect_the_report(demo, filed)
        assert demo.end() == 0
    assert demo.left_over() == []


def server_on(lock: Path) -> int | None:
    """The process that a PostgreSQL's lock file names, None where there is none."""
    try:
        return int(lock.read_text().split()[0])
    except (OSError, IndexError):
        return None


def test_ready_names_every_dependency_and_that_nothing_is_scanned(demo: DemoCommand) -> None:
    answer = urllib3.request("GET", f"{demo.probe_url}/ready")
    found = json.loads(answer.data)["dependencies"]
    assert set(found) == {"database", "broker", "store", "scanner"}
    assert found["scanner"]["state"] in ("up", "not scanned")


def test_its_welcome_leads_an_administrator_to_database_and_dead_letters(
    demo: DemoCommand,
) -> None:
    (psql,) = [line.split()[2] for line in demo.printed.splitlines() if "  Database" in line]
    with closing(psycopg2.connect(psql.strip('"'))) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM reports")
    (way,) = [line for line in demo.printed.splitlines() if "dead-letters" in line]
    command = way.split(maxsplit=2)[2].replace("; medvault", f"; {MEDVAULT}")
    listed = subprocess.run(
        ["sh", "-c", command],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"]},
        timeout=60,
    )
    assert listed.returncode == 0, listed.stderr
    assert "0 dead letters." in listed.stdout


def test_nothing_in_the_folder_shows_who_filed_what(filed: FiledReport) -> None:
    canaries = Canaries()
    for text in (NAME, NAME.split()[0], PHONE[1:], FILENAME, HOSPITAL, "2 May 2019", "%PDF-1."):
        canaries.watch(text, text)
    for wamid in filed.wamids:
        canaries.watch("wamid", wamid.removeprefix("wamid."))
    canaries.watch("report", filed.data[200:264])
    places = files_below([filed.folder])
    assert canaries.hits(places) == []
    assert sum(map(len, places.values())) > 1_000_000, "the database at least"


def test_only_its_owner_may_enter_the_folder(filed: FiledReport) -> None:
    assert filed.folder.stat().st_mode & 0o077 == 0
    assert [path for path in filed.folder.rglob("*") if path.lstat().st_mode & 0o077] == []
