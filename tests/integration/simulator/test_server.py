import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
import urllib3

from integration.simulator.business import BEARER, Business
from integration.simulator.receiver import Receiver
from medvault.simulator.options import SimulatorOptions
from medvault.simulator.server import Running, in_thread, serve
from support.servers.waiting import wait_until


def error(answer: urllib3.BaseHTTPResponse) -> tuple[int, int]:
    return answer.status, answer.json()["error"]["code"]


@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "Basic a-valid-token", "Bearer "])
def test_without_a_valid_token_nothing_is_answered(
    business: Business, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    paths = [f"{business.number}/messages", f"{business.number}/media", business.number]
    for path in paths:
        assert error(business.http.request("POST", path, headers=headers)) == (401, 190)


def test_a_revoked_token_is_refused_from_then_on(business: Business) -> None:
    assert business.get("109876543210987").json()["id"] == "109876543210987"
    business.ok("PATCH", "/sim/app", json={"access_tokens": ["the-next-one"]})
    assert error(business.get("109876543210987")) == (401, 190)


def test_what_meta_does_not_have_is_not_found(business: Business) -> None:
    assert error(business.get("4711")) == (400, 100)
    assert error(business.get(f"{business.url}/v99.0/109876543210987")) == (400, 2500)
    wrong_number = f"{business.url}/v25.0/1/messages"
    assert error(business.http.request("POST", wrong_number, headers=BEARER)) == (400, 100)
    settings = f"{business.number}/settings"
    assert error(business.http.request("POST", settings, headers=BEARER, json={})) == (400, 100)


def test_the_business_account_is_subscribed(business: Business) -> None:
    url = f"{business.url}/v25.0/102345678901234/subscribed_apps"
    assert business.http.request("POST", url, headers=BEARER).json() == {"success": True}


def test_a_body_without_end_is_refused(business: Business) -> None:
    url = f"{business.number}/messages"
    answer = business.http.request("POST", url, headers=BEARER, body=b" " * 2_000_000)
    assert error(answer) == (413, 100)


def test_the_control_api_is_described(business: Business) -> None:
    described = business.ok("GET", "/openapi.json")
    promised = {
        "/sim/users": {"get", "post"},
        "/sim/users/{user_id}": {"get", "patch"},
        "/sim/users/{user_id}/messages": {"get", "post"},
        "/sim/users/{user_id}/number": {"post"},
        "/sim/media/{media_id}": {"get"},
        "/sim/media/{media_id}/expire": {"post"},
        "/sim/ledger": {"get"},
        "/sim/faults": {"post", "delete"},
    }
    assert promised == {path: set(described["paths"][path]) for path in promised}
    body = described["paths"]["/sim/users/{user_id}/messages"]["post"]["requestBody"]
    assert set(body["content"]) == {"application/json", "multipart/form-data"}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "advice"),
    [
        ("POST", "/sim/users", {"name": ""}, 422, "name"),
        ("POST", "/sim/users", {"name": "A", "phone": "call me"}, 422, "+91 98765 43210"),
        ("GET", "/sim/users/nobody/messages", None, 404, "POST /sim/users"),
        ("POST", "/sim/users/{id}/messages", {}, 422, "exactly one of"),
        ("POST", "/sim/users/{id}/messages", {"text": "a", "tap": "b"}, 422, "exactly one of"),
        ("POST", "/sim/users/{id}/messages", {"sample": "mri"}, 404, "blood-test"),
        ("POST", "/sim/users/{id}/messages", {"tap": "yes"}, 409, "On offer: none"),
        ("POST", "/sim/messages", [{"user": "nobody", "text": "a"}], 404, "no text was sent"),
        ("GET", "/sim/media/4711", None, 404, "No media"),
        ("GET", "/sim/nonsense", None, 404, "/openapi.json"),
    ],
)
def test_a_bad_control_call_says_what_to_do(
    business: Business, method: str, path: str, body: Any, status: int, advice: str
) -> None:
    url = business.url + path.format(id=business.user()["id"])
    answer = business.http.request(method, url, json=body)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert advice in answer.json()["detail"]


def test_a_form_without_a_file_says_what_to_do(business: Business) -> None:
    url = f"{business.url}/sim/users/{business.user()['id']}/messages"
    answer = business.http.request("POST", url, fields={"caption": "no file"})
    assert (answer.status, "part named file" in answer.json()["detail"]) == (400, True)


def test_a_page_that_follows_hears_of_changes(business: Business) -> None:
    user = business.user()
    stream = business.http.request("GET", f"{business.url}/sim/events", preload_content=False)
    lines = (line for chunk in stream.stream() for line in chunk.splitlines() if line)
    assert next(lines) == b"data: []"
    business.says(user, text="hello")
    assert next(lines) == f'data: ["{user["id"]}"]'.encode()
    stream.close()


def test_it_is_served_in_a_running_loop_until_cancelled(
    options: SimulatorOptions, receiver: Receiver
) -> None:
    async def main() -> str:
        started: asyncio.Future[Running] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(serve(options, started.set_result))
        url = f"{(await started).url}/health"
        answer = await asyncio.to_thread(urllib3.request, "GET", url)
        assert answer.json() == {"status": "ok"}
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return url

    url = asyncio.run(asyncio.wait_for(main(), 20))
    with pytest.raises(urllib3.exceptions.MaxRetryError):
        urllib3.request("GET", url, retries=0)


def test_open_streams_and_held_answers_do_not_keep_it_from_stopping(
    options: SimulatorOptions, receiver: Receiver
) -> None:
    with ExitStack() as stopping:
        simulator = stopping.enter_context(in_thread(options))
        business = Business(simulator.url, options.phone_number_id)
        user = business.user()
        business.says(user, text="hello")
        stream = business.http.request("GET", f"{business.url}/sim/events", preload_content=False)
        drop = {"times": 1, "how": "hang"}
        business.ok("POST", "/sim/faults", json={"drop_answer": drop})
        message = {"to": user["phone"], "type": "text", "text": {"body": "held"}}
        with ThreadPoolExecutor() as pool:
            held = pool.submit(business.send, **message)
            wait_until(lambda: business.ledger()["sends"], seconds=5, what="the send")
            stopping.close()
            with pytest.raises(urllib3.exceptions.HTTPError):
                held.result(timeout=5)
    stream.close()
