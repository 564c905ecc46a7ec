import hashlib
import json
import socket

import pytest
from urllib3 import Timeout

from medvault.adapters.whatsapp import calls
from medvault.adapters.whatsapp.media import CloudMedia
from medvault.domain.errors import Expired, Permanent, Transient, Unavailable
from medvault.domain.media import FileKind
from support.graph import Behaviour, Graph, answers, closes, options_for, planned_graph, then_closes

FILE = b"%PDF-1.7"
GONE = answers(b'{"error":{"code":100,"error_subcode":33}}', 400)


def announces(graph: Graph, **changes: object) -> Behaviour:
    digest = hashlib.sha256(FILE).hexdigest()
    fields = {"url": f"{graph.url}/file?hash=1", "file_size": len(FILE), "sha256": digest}
    return answers(json.dumps({**fields, **changes}).encode())


def fetch(graph: Graph) -> bytes:
    with CloudMedia(graph.options()) as media, media.fetch("77") as download:
        return b"".join(download.chunks)


def test_the_announcement_is_asked_for_this_number_and_the_token_shown_twice(graph: Graph) -> None:
    graph.plan(announces(graph), answers(FILE))
    assert fetch(graph) == FILE
    first, second = graph.request(), graph.request()
    assert first.path == "/v25.0/77?phone_number_id=109876543210987"
    assert second.path == "/file?hash=1"
    assert first.headers["Authorization"] == second.headers["Authorization"] == "Bearer token-1"


@pytest.mark.parametrize("status", [401, 404])
def test_a_url_that_ran_out_is_asked_for_once_more(graph: Graph, status: int) -> None:
    graph.plan(announces(graph), answers(b"", status), announces(graph), answers(FILE))
    assert fetch(graph) == FILE


def test_a_url_that_never_works_is_tried_again_later(graph: Graph) -> None:
    graph.plan(*[announces(graph), answers(b"", 404)] * 3)
    with pytest.raises(Transient):
        fetch(graph)
    assert graph.received.qsize() == 4


def test_a_file_that_expired_in_between_is_expired(graph: Graph) -> None:
    graph.plan(announces(graph), answers(b"", 404), GONE)
    with pytest.raises(Expired):
        fetch(graph)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_never_takes_the_token_along(graph: Graph, status: int) -> None:
    with planned_graph() as elsewhere:
        away = answers(b"", status, Location=f"{elsewhere.url}/file")
        graph.plan(away, announces(graph), away)
        for _ in range(2):
            with pytest.raises(Transient):
                fetch(graph)
        assert elsewhere.received.empty()


def test_a_foreign_host_never_sees_the_token(graph: Graph) -> None:
    with planned_graph() as elsewhere:
        graph.plan(announces(graph, url=f"{elsewhere.url}/file"))
        with pytest.raises(Permanent, match="not allowed") as raised:
            fetch(graph)
        assert elsewhere.url not in str(raised.value)
        assert elsewhere.received.empty()


@pytest.mark.parametrize(
    "served",
    [
        answers(FILE[:-1]),
        answers(b""),
        answers(FILE + b"x"),
        then_closes(answers(FILE[:3], Content_Length=str(len(FILE)))),
    ],
)
def test_a_file_of_another_size_than_announced_is_not_taken(
    graph: Graph, served: Behaviour
) -> None:
    graph.plan(announces(graph), served)
    with pytest.raises(Transient):
        fetch(graph)


def test_no_more_is_given_out_than_was_announced(graph: Graph) -> None:
    graph.plan(announces(graph), answers(FILE + b"x" * 1_000_000))
    seen: list[bytes] = []
    with (
        CloudMedia(graph.options()) as media,
        media.fetch("77") as download,
        pytest.raises(Transient),
    ):
        seen.extend(download.chunks)
    assert b"".join(seen) == b""


def test_what_is_compressed_on_the_way_is_not_unpacked(graph: Graph) -> None:
    graph.plan(announces(graph), answers(FILE, Content_Encoding="gzip"))
    assert fetch(graph) == FILE
    assert graph.request().headers["Accept-Encoding"] == "identity"


def test_a_fetch_that_is_given_up_leaves_the_source_usable(graph: Graph) -> None:
    graph.plan(announces(graph), answers(FILE), announces(graph), answers(FILE))
    with CloudMedia(graph.options()) as media:
        with media.fetch("77"):
            pass
        with media.fetch("77") as download:
            assert b"".join(download.chunks) == FILE


@pytest.mark.parametrize("handle", ["", "..", "../109/messages", "7/7", "7?x=1", "7#", "٧", "a b"])
def test_a_handle_cannot_lead_elsewhere(graph: Graph, handle: str) -> None:
    with CloudMedia(graph.options()) as media:
        with pytest.raises(Permanent, match="handle"), media.fetch(handle):
            pass
        with pytest.raises(Permanent, match="handle"):
            media.delete(handle)
    assert graph.received.empty()


def test_an_api_that_cannot_be_reached_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with CloudMedia(options_for(f"http://127.0.0.1:{port}")) as media:
        with pytest.raises(Unavailable), media.fetch("77"):
            pass
        with pytest.raises(Unavailable):
            media.upload([FILE], len(FILE), FileKind.PDF, "scan.pdf")
        with pytest.raises(Unavailable):
            media.delete("77")


def test_an_api_that_says_nothing_is_unavailable(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "_TIMEOUT", Timeout(connect=3, read=0.3))
    graph.otherwise = graph.hangs
    with CloudMedia(graph.options()) as media:
        with pytest.raises(Unavailable), media.fetch("77"):
            pass
        with pytest.raises(Unavailable):
            media.upload([FILE], len(FILE), FileKind.PDF, "scan.pdf")


@pytest.mark.parametrize(
    "behaviour",
    [closes, answers(b"<html>", 502), answers(b"{}"), answers(b"", 302, Location="/")],
)
def test_a_broken_answer_is_tried_again(graph: Graph, behaviour: Behaviour) -> None:
    graph.otherwise = behaviour
    with CloudMedia(graph.options()) as media:
        with pytest.raises(Transient), media.fetch("77"):
            pass
        with pytest.raises(Transient):
            media.upload([FILE], len(FILE), FileKind.PDF, "scan.pdf")


def test_a_refused_upload_tells_the_code(graph: Graph) -> None:
    graph.plan(answers(b'{"error":{"code":131053}}', 400))
    with CloudMedia(graph.options()) as media, pytest.raises(Permanent, match="131053"):
        media.upload([FILE], len(FILE), FileKind.PDF, "scan.pdf")
