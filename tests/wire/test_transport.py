"""Retries, failover, lost responses and rejected requests, counted on a local server; pauses take no time."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pulumi_kafka_connectors.connect import (
    BadAnswer,
    BadRequest,
    Busy,
    Client,
    NotFound,
    OutcomeUnknown,
    Retry,
    StillRunning,
    Unauthorized,
    Unreachable,
    WorkerFailed,
)
from pulumi_kafka_connectors.connect.transport import NotSent, ResponseLost
from sandbox.processes import free_port
from tests.support.clients import client_for
from tests.support.clock import FakeClock
from tests.support.names import faulty
from tests.support.waiting import wait_until
from tests.support.worker import FakeWorker, Fault, connect_error, fake_group, fake_worker

BUSY: list[tuple[int, object]] = [
    (409, connect_error(409, "Cannot complete request momentarily due to stale configuration")),
    (409, connect_error(409, "Cannot complete request because of a conflicting operation (e.g. worker rebalance)")),
    (500, connect_error(500, "Request cannot be completed because a rebalance is expected")),
    (503, connect_error(503, "starting")),
    (503, b"<html>"),
    (408, b""),
    (425, b"early"),
    (429, b"slow down"),
]
CALLS: dict[str, Callable[[Client], object]] = {
    "GET": lambda client: client.config("a"),
    "POST": lambda client: client.create("b", faulty()),
    "PUT": lambda client: client.put_config("a", faulty()),
    "DELETE": lambda client: client.delete("a"),
}


@pytest.fixture
def client(worker: FakeWorker, clock: FakeClock) -> Client:
    return client_for(worker.url, clock=clock)


def with_a(worker: FakeWorker) -> FakeWorker:
    worker.connectors["a"] = {"config": {**faulty(), "name": "a"}, "state": "RUNNING"}
    return worker


def dead() -> str:
    return f"http://127.0.0.1:{free_port()}"


# Busy


@pytest.mark.parametrize("verb", CALLS)
@pytest.mark.parametrize(("status", "body"), BUSY)
def test_a_busy_cluster_is_asked_again_whatever_the_verb(
    worker: FakeWorker, client: Client, status: int, body: object, verb: str
) -> None:
    with_a(worker).faults = [Fault(rf"{verb} .*", status, body, times=3)]
    CALLS[verb](client)
    assert len(worker.requests) == 4


@pytest.mark.parametrize("status", [500, 502, 504, 507, 520, 599])
def test_a_get_that_a_gateway_failed_is_asked_again(worker: FakeWorker, client: Client, status: int) -> None:
    with_a(worker).faults = [Fault("GET .*", status, b"<html>oops</html>", times=3)]
    assert client.config("a")["rate"] == "1"
    assert len(worker.requests) == 4


@pytest.mark.parametrize("status", [500, 502, 504, 520])
@pytest.mark.parametrize("verb", ["PUT", "DELETE"])
def test_a_write_that_a_gateway_failed_is_repeated(worker: FakeWorker, client: Client, verb: str, status: int) -> None:
    with_a(worker).faults = [Fault(f"{verb} .*", status, b"", times=2)]
    CALLS[verb](client)
    assert len(worker.requests) == 3


@pytest.mark.parametrize("status", [500, 502, 504, 520])
def test_a_post_that_a_gateway_failed_has_an_unknown_outcome(worker: FakeWorker, client: Client, status: int) -> None:
    worker.faults = [Fault("POST .*", status, b"")]
    with pytest.raises(OutcomeUnknown) as caught:
        client.create("a", faulty())
    assert not caught.value.still_running
    assert len(worker.requests) == 1


def test_a_starting_worker_proves_nothing_and_is_asked_again(worker: FakeWorker, client: Client) -> None:
    page = {"message": "Not Found", "url": "/connectors/a/config", "status": "404"}
    with_a(worker).faults = [
        Fault("GET .*", 404, page, times=2),
        Fault("GET .*", 404, b"<html>", {"Content-Type": "text/html"}),
    ]
    assert client.config("a")["rate"] == "1"
    assert worker.lines() == ["GET /connectors/a/config"] * 4


@pytest.mark.parametrize(
    "body",
    [
        {"error_code": 404},
        {"error_code": 404, "message": None},
        connect_error(404, "Subject 'a' not found."),
        connect_error(404, "Connector b not found"),
        connect_error(404, "Connector a not found or so"),
    ],
)
def test_a_404_that_is_not_about_this_connector_is_never_gone(worker: FakeWorker, client: Client, body: object) -> None:
    worker.faults = [Fault("GET .*", 404, body, times=1000)]
    with pytest.raises(BadAnswer, match="not Kafka Connect's for connector a"):
        client.config("a")


@pytest.mark.parametrize("status", [400, 401, 403, 406, 415, 500])
def test_an_error_response_is_raised_at_once(worker: FakeWorker, client: Client, status: int) -> None:
    worker.faults = [Fault(".*", status, connect_error(status, "no"), times=5)]
    with pytest.raises(Exception, match="no"):
        client.connectors()
    assert len(worker.requests) == 1


# Durations


def test_pauses_double_up_to_the_longest_and_end_with_the_time_for_retries(worker: FakeWorker, clock: FakeClock) -> None:
    worker.faults = [Fault("GET .*", 409, connect_error(409, "rebalance"), times=1000)]
    client = client_for(worker.url, clock=clock)
    with pytest.raises(Busy):
        client.connectors()
    for slept, whole in zip(clock.sleeps, [0.1, 0.2, 0.4, 0.4, 0.4], strict=False):
        assert whole / 2 <= slept <= whole
    assert clock.now() == pytest.approx(1003)
    assert sum(clock.sleeps) == pytest.approx(3)
    assert len(worker.requests) == len(clock.sleeps) + 1


def test_a_deadline_ends_retries_early(worker: FakeWorker, clock: FakeClock) -> None:
    worker.faults = [Fault("GET .*", 409, connect_error(409, "rebalance"), times=1000)]
    client = client_for(worker.url, clock=clock)
    with pytest.raises(Busy):
        client.until(1000.5).connectors()
    assert clock.now() == pytest.approx(1000.5)


def test_a_deadline_that_has_passed_allows_one_try(worker: FakeWorker, clock: FakeClock) -> None:
    worker.faults = [Fault("GET .*", 409, connect_error(409, "rebalance"), times=1000)]
    with pytest.raises(Busy):
        client_for(worker.url, clock=clock).until(0.0).connectors()
    assert clock.sleeps == []
    assert len(worker.requests) == 1


def test_a_deadline_later_than_the_retries_does_not_prolong_them(worker: FakeWorker, clock: FakeClock) -> None:
    worker.faults = [Fault("GET .*", 409, connect_error(409, "rebalance"), times=1000)]
    with pytest.raises(Busy):
        client_for(worker.url, clock=clock).until(2000).connectors()
    assert clock.now() == pytest.approx(1003)


def test_until_none_takes_the_deadline_away(worker: FakeWorker, clock: FakeClock) -> None:
    worker.faults = [Fault("GET .*", 409, connect_error(409, "rebalance"), times=2)]
    assert client_for(worker.url, clock=clock).until(1000).until(None).connectors() == []


@pytest.mark.parametrize(("limit", "spent"), [(1.0, 1.0), (0.0, 0.0), (60.0, 3.0)])
def test_the_shorter_of_two_times_for_retries_counts(
    worker: FakeWorker, clock: FakeClock, limit: float, spent: float
) -> None:
    worker.faults = [Fault("GET .*", 409, connect_error(409, "rebalance"), times=1000)]
    client = client_for(worker.url, clock=clock).with_retry(limit)
    for other in (client, client.with_retry(60)):
        before = clock.now()
        with pytest.raises(Busy):
            other.connectors()
        assert clock.now() - before == pytest.approx(spent)


def test_a_limit_for_retries_outlives_a_deadline_and_the_reverse(worker: FakeWorker, clock: FakeClock) -> None:
    worker.faults = [Fault("GET .*", 409, connect_error(409, "rebalance"), times=1000)]
    for client in (
        client_for(worker.url, clock=clock).with_retry(1).until(5000),
        client_for(worker.url, clock=clock).until(1002),
    ):
        with pytest.raises(Busy):
            client.connectors()
    assert clock.now() == pytest.approx(1002)
    with pytest.raises(Busy):
        client_for(worker.url, clock=clock).until(1002.5).with_retry(2).connectors()
    assert clock.now() == pytest.approx(1002.5)


# Choice of the worker


@pytest.mark.parametrize("verb", CALLS)
def test_a_worker_that_refuses_connections_is_passed_over_at_once(worker: FakeWorker, clock: FakeClock, verb: str) -> None:
    CALLS[verb](client_for(dead(), with_a(worker).url, clock=clock))
    assert len(worker.requests) == 1
    assert clock.sleeps == []


def test_the_worker_that_answered_is_asked_first_from_then_on() -> None:
    with fake_group(2) as (first, second):
        first.faults = [Fault("GET .*", close="now")]
        client = client_for(first.url, second.url)
        for _ in range(3):
            client.connectors()
        assert (len(first.requests), len(second.requests)) == (1, 3)


def test_a_worker_that_lost_a_request_is_not_asked_first_again() -> None:
    with fake_group(2) as (first, second):
        first.faults = [Fault(".*", close="now", times=1000)]
        client = client_for(first.url, second.url)
        with pytest.raises(OutcomeUnknown):
            client.create("b", faulty())
        client.create("b", faulty())
        assert (first.lines(), second.lines()) == (["POST /connectors"], ["POST /connectors"])


def test_a_busy_worker_is_still_asked_first_the_next_time() -> None:
    with fake_group(3) as workers:
        workers[0].faults = [Fault(".*", 503)]
        client = client_for(*(worker.url for worker in workers))
        client.connectors()
        client.connectors()
        assert [len(worker.requests) for worker in workers] == [2, 1, 0]


def test_workers_are_asked_in_turn_from_the_preferred_one_on(clock: FakeClock) -> None:
    with fake_group(3) as workers:
        for worker in workers:
            worker.faults = [Fault(".*", close="now", times=2 if worker is workers[1] else 1)]
        client = client_for(*(worker.url for worker in workers), clock=clock)
        client.connectors()
        assert [len(worker.requests) for worker in workers] == [2, 1, 1]
        assert len(clock.sleeps) == 1  # after the whole round
        client.connectors()
        assert [len(worker.requests) for worker in workers] == [3, 1, 1]


def test_a_busy_round_pauses_after_each_worker(clock: FakeClock) -> None:
    with fake_group(2) as workers:
        for worker in workers:
            worker.faults = [Fault(".*", 503)]
        client_for(*(worker.url for worker in workers), clock=clock).connectors()
        assert [len(worker.requests) for worker in workers] == [2, 1]
        assert len(clock.sleeps) == 2


@pytest.mark.parametrize("seconds", [0, 0.3])
@pytest.mark.parametrize("fault", [Fault(".*", close="now"), Fault(".*", 503), Fault(".*", 404, b"")])
def test_every_worker_is_asked_once_however_short_the_retries(seconds: float, fault: Fault) -> None:
    clock = FakeClock()
    with fake_group(3) as workers:
        for worker in workers[:2]:
            worker.faults = [again(fault)]
        client = client_for(*(worker.url for worker in workers), clock=clock, retry=Retry(seconds, 10, 10))
        assert client.connectors() == []
        assert [len(worker.requests) for worker in workers] == [1, 1, 1]
        assert clock.now() <= 1000 + seconds


def test_after_one_round_the_time_for_retries_counts(clock: FakeClock) -> None:
    with fake_group(2) as workers:
        for worker in workers:
            worker.faults = [Fault(".*", close="now", times=1000)]
        with pytest.raises(Unreachable):
            client_for(*(worker.url for worker in workers), clock=clock, retry=Retry(0)).connectors()
        assert [len(worker.requests) for worker in workers] == [1, 1]


def test_a_deadline_ends_the_first_round_too_and_only_asked_workers_are_named(clock: FakeClock) -> None:
    urls = [dead(), dead(), dead()]
    with pytest.raises(NotSent) as caught:
        client_for(*urls, clock=clock).until(1000.0).connectors()
    assert str(caught.value) == f"{urls[0]}: connection refused"


def test_a_given_worker_is_asked_alone() -> None:
    with fake_group(2) as (first, second):
        with_a(first)
        client = client_for(first.url, second.url)
        assert client.config("a", second.url)["rate"] == "1"
        assert client.connector("a", worker=second.url).name == "a"
        assert (len(first.requests), len(second.requests)) == (0, 2)


def test_a_given_worker_that_is_down_leaves_the_order_of_the_others(worker: FakeWorker) -> None:
    with_a(worker)
    client = client_for(worker.url, dead(), retry=Retry(0))
    with pytest.raises(NotSent):
        client.config("a", dead())
    client.connectors()
    assert len(worker.requests) == 1


def test_all_workers_down_is_one_error_message() -> None:
    one, other = dead(), dead()
    with pytest.raises(Unreachable) as caught:
        client_for(one, other, retry=Retry(seconds=0)).connectors()
    assert (
        str(caught.value)
        == f"none of the workers {one}, {other} can be reached; the last error: {other}: connection refused"
    )


def test_the_error_says_how_long_it_was_retried(clock: FakeClock) -> None:
    url = dead()
    with pytest.raises(Unreachable) as caught:
        client_for(url, clock=clock).connectors()
    assert str(caught.value) == f"{url}: connection refused (retried for 3 s)"


def test_an_unknown_host_is_one_error_message() -> None:
    with pytest.raises(NotSent, match=r"^http://no-such-host.invalid:8083: the host name cannot be resolved$"):
        client_for("http://no-such-host.invalid:8083", retry=Retry(seconds=0)).connectors()


def test_the_trailing_slash_of_an_address_does_not_count(worker: FakeWorker) -> None:
    client_for(worker.url + "/").connectors()
    assert worker.lines() == ["GET /connectors"]


# Lost responses


LOST = [
    Fault(".* /connectors.*", close="now", act=True),
    Fault(".* /connectors.*", close="half", act=True),
    Fault(".* /connectors.*", 500, connect_error(500, "Request timed out"), act=True),
    Fault(
        ".* /connectors.*",
        500,
        connect_error(500, "IO Error trying to forward REST request: java.io.EOFException"),
        act=True,
    ),
    Fault(".* /connectors.*", 502, b"<html>", act=True),
    Fault(".* /connectors.*", 504, b"", act=True),
    Fault(".* /connectors.*", close="now", act=True, delay=0.8),
]


def again(fault: Fault) -> Fault:
    return Fault(fault.match, fault.status, fault.body, fault.headers, fault.act, fault.close, fault.delay)


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: f"{fault.status} {fault.close} {fault.delay}")
def test_a_lost_answer_to_a_post_is_left_to_the_caller(worker: FakeWorker, fault: Fault) -> None:
    worker.faults = [again(fault)]
    with pytest.raises(OutcomeUnknown):
        client_for(worker.url, timeout=0.5).create("a", faulty())
    assert worker.lines() == ["POST /connectors"]


def test_an_answer_lost_on_a_connection_that_was_used_before_is_left_to_the_caller_too(worker: FakeWorker) -> None:
    client = client_for(worker.url)
    client.connectors()
    worker.faults = [Fault("POST .*", close="now", act=True)]
    with pytest.raises(OutcomeUnknown):
        client.create("a", faulty())
    assert (worker.accepted_connections, worker.lines(excluding="GET .*")) == (1, ["POST /connectors"])


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: f"{fault.status} {fault.close} {fault.delay}")
def test_other_requests_are_repeated_after_a_lost_answer(worker: FakeWorker, fault: Fault) -> None:
    worker.faults = [again(fault)]
    client = client_for(worker.url, timeout=0.5)
    _, created = client.put_config("a", faulty())
    assert created is False
    worker.faults = [again(fault)]
    assert client.restart("a", include_tasks=True) is not None
    worker.faults = [again(fault)]
    with pytest.raises(NotFound):
        client.delete("a")
    assert worker.lines(excluding="GET /$") == [
        "PUT /connectors/a/config",
        "PUT /connectors/a/config",
        "POST /connectors/a/restart",
        "POST /connectors/a/restart",
        "DELETE /connectors/a",
        "DELETE /connectors/a",
    ]


@pytest.mark.parametrize(
    ("message", "running"),
    [
        ("Request timed out", True),
        ("Request timed out. The worker is currently updating, which began at T.", True),
        ("Timed out while waiting for offsets", True),
        ("Error writing connector configuration to Kafka", False),
    ],
)
def test_an_unknown_outcome_says_whether_the_worker_is_still_running_it(
    worker: FakeWorker, client: Client, message: str, running: bool
) -> None:
    worker.faults = [Fault("POST .*", 500, connect_error(500, message))]
    with pytest.raises(OutcomeUnknown) as caught:
        client.create("a", faulty())
    assert caught.value.still_running is running


def test_a_write_that_times_out_in_the_cluster_says_so_in_the_end(worker: FakeWorker, client: Client) -> None:
    worker.faults = [Fault("PUT .*", 500, connect_error(500, "Request timed out"), times=1000)]
    with pytest.raises(StillRunning):
        client.put_config("a", faulty())


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"", ""), (b"<html>", "text/html"), (b'{"name": "a"', "application/json"), (b"[]", "application/json")],
)
def test_a_create_with_an_unreadable_response_has_an_unknown_outcome(
    worker: FakeWorker, client: Client, body: bytes, kind: str
) -> None:
    worker.faults = [Fault("POST .*", 201, body, {"Content-Type": kind})]
    with pytest.raises(OutcomeUnknown):
        client.create("a", faulty())
    assert len(worker.requests) == 1


def test_a_create_whose_answer_does_not_end_has_an_unknown_outcome(worker: FakeWorker) -> None:
    worker.faults = [Fault("POST .*", 201, b"[" + b" " * 2000 + b"]")]
    with pytest.raises(OutcomeUnknown, match="is too long"):
        client_for(worker.url, longest_body=1000).create("a", faulty())


def test_a_lost_answer_says_what_was_asked(worker: FakeWorker) -> None:
    worker.faults = [Fault(".*", close="now", times=1000)]
    with pytest.raises(ResponseLost) as caught:
        client_for(worker.url, retry=Retry(0)).connectors()
    reason = "the connection was closed without an answer (is it https instead of http?)"
    assert str(caught.value) == f"GET {worker.url}/connectors: {reason}"


def test_a_cut_body_says_so(worker: FakeWorker) -> None:
    worker.faults = [Fault(".*", close="half", times=1000)]
    with pytest.raises(ResponseLost, match=r"/connectors: the body was cut off$"):
        client_for(worker.url, retry=Retry(0)).connectors()


# Redirects


def test_a_redirect_keeps_method_and_body_and_login_within_the_configured_hosts(worker: FakeWorker) -> None:
    with fake_worker() as second:
        worker.faults = [Fault("POST .*", 307, b"", {"Location": f"{second.url}/connectors"})]
        client_for(worker.url, second.url, token="hunter2").create("a", faulty())
        assert second.requests[0].line == "POST /connectors"
        assert second.requests[0].body["config"] == faulty()
        assert second.requests[0].headers["Authorization"] == "Bearer hunter2"


def test_the_query_of_a_redirect_replaces_that_of_the_request(worker: FakeWorker, client: Client) -> None:
    worker.faults = [Fault("GET /connectors", 302, b"", {"Location": "/connectors/?expand=info"})]
    client.expanded(status=True)
    assert [request.query for request in worker.requests] == [{"expand": ["status"]}, {"expand": ["info"]}]


@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_nothing_follows_a_redirect_to_a_foreign_host(worker: FakeWorker, verb: str) -> None:
    with fake_worker() as foreign:
        worker.faults = [Fault(".*", 302, b"", {"Location": f"{foreign.url}/connectors?x=hunter2"})]
        client = client_for(worker.url, username="u", password="hunter2")
        with pytest.raises(BadAnswer) as caught:
            client.connectors() if verb == "GET" else client.create("a", faulty(password="hunter2"))
        reason = f"redirects to {foreign.url}, which is not a configured worker"
        assert str(caught.value) == f"{verb} {worker.url}/connectors {reason}"
        assert foreign.requests == []


@pytest.mark.parametrize(
    "target",
    ["http://foreign.invalid/?a=@{host}", "http://foreign.invalid\\@{host}/", "http://u@{host}/", "https://{host}/"],
)
def test_no_spelling_of_a_foreign_host_passes_for_a_configured_one(worker: FakeWorker, client: Client, target: str) -> None:
    host = worker.url.removeprefix("http://")
    worker.faults = [Fault(".*", 302, b"", {"Location": target.format(host=host)})]
    with pytest.raises(BadAnswer, match="not a configured worker"):
        client.connectors()
    assert len(worker.requests) == 1


@pytest.mark.parametrize("target", ["http://[", "//[::1", "http://a]b/"])
def test_a_redirect_to_an_invalid_address_is_one_error_message(worker: FakeWorker, client: Client, target: str) -> None:
    worker.faults = [Fault(".*", 302, b"", {"Location": target})]
    with pytest.raises(BadAnswer, match=r"redirects to an invalid address$"):
        client.connectors()


def test_five_redirects_are_one_too_many(worker: FakeWorker, client: Client) -> None:
    worker.faults = [Fault("GET .*", 302, b"", {"Location": "/connectors"}, times=4)]
    assert client.connectors() == []
    worker.requests.clear()
    worker.faults = [Fault("GET .*", 302, b"", {"Location": "/connectors"}, times=100)]
    with pytest.raises(BadAnswer, match=r"/connectors: more than 5 redirects$"):
        client.connectors()
    assert len(worker.requests) == 5


@pytest.mark.parametrize(("status", "followed"), [(299, 0), (300, 1), (399, 1), (400, 0)])
def test_only_a_status_of_300_to_399_redirects(worker: FakeWorker, client: Client, status: int, followed: int) -> None:
    worker.faults = [Fault("GET .*", status, {}, {"Location": "/connectors/b/config"})]
    with pytest.raises((BadAnswer, BadRequest)):
        client.connectors()
    assert len(worker.requests) == 1 + followed


@pytest.mark.parametrize("status", [300, 304])
def test_a_redirect_to_nowhere_is_no_answer(worker: FakeWorker, client: Client, status: int) -> None:
    worker.faults = [Fault("GET .*", status, b"", {"Content-Length": "0"})]
    with pytest.raises(BadAnswer, match=f"{status} is not a response of a Kafka Connect worker"):
        client.connectors()


def test_a_redirect_to_a_worker_that_is_down_has_not_been_sent(worker: FakeWorker) -> None:
    other = dead()
    worker.faults = [Fault("POST .*", 307, b"", {"Location": f"{other}/connectors"}, times=1000)]
    with pytest.raises(NotSent, match="connection refused"):
        client_for(worker.url, other, retry=Retry(0)).create("a", faulty())


# Login and logging


LOGINS: list[tuple[dict[str, Any], str]] = [
    ({"username": "u", "password": "p:w"}, "Basic dTpwOnc="),
    ({"username": "ü", "password": "ß"}, "Basic w7w6w58="),
    ({"username": "u"}, "Basic dTo="),
    ({"token": "t.o.k"}, "Bearer t.o.k"),
]


@pytest.mark.parametrize(("login", "header"), LOGINS)
def test_the_login_is_on_every_request(worker: FakeWorker, login: dict[str, Any], header: str) -> None:
    client = client_for(worker.url, headers=(("X-Team", "data"),), **login)
    client.connectors()
    client.create("a", faulty())
    assert {request.headers["Authorization"] for request in worker.requests} == {header}
    assert {request.headers["X-Team"] for request in worker.requests} == {"data"}
    assert worker.requests[1].headers["Content-Type"] == "application/json"


def test_netrc_is_not_read(worker: FakeWorker, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = f"{tmp_path}/netrc"
    with open(netrc, "w") as file:  # noqa: PTH123
        file.write("machine 127.0.0.1 login x password y\n")
    monkeypatch.setenv("NETRC", netrc)
    client_for(worker.url).connectors()
    assert "Authorization" not in worker.requests[0].headers


def test_headers_of_the_settings_do_not_replace_the_type_of_the_body(worker: FakeWorker) -> None:
    client_for(worker.url, headers=(("Content-Type", "text/plain"), ("Accept", "application/x"))).create("a", faulty())
    assert worker.requests[0].headers["Content-Type"] == "application/json"
    assert worker.requests[0].headers["Accept"] == "application/x"


def test_cookies_are_not_kept(worker: FakeWorker, client: Client) -> None:
    worker.faults = [Fault("GET .*", 200, [], {"Set-Cookie": "session=1; Path=/"})]
    client.connectors()
    client.connectors()
    assert "Cookie" not in worker.requests[1].headers


def test_a_path_prefix_stays_in_front(worker: FakeWorker) -> None:
    worker.faults = [Fault("GET /gateway/kafka/connectors", 200, ["a"])]
    assert client_for(f"{worker.url}/gateway/kafka/").connectors() == ["a"]


def test_401_is_its_own_error(worker: FakeWorker, client: Client) -> None:
    worker.faults = [Fault("GET .*", 401, b"User cannot access the resource.")]
    with pytest.raises(Unauthorized):
        client.connectors()


def test_no_body_header_or_user_info_is_logged(worker: FakeWorker, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    worker.faults = [Fault(".*", 503, b"hunter2"), Fault(".*", 500, connect_error(500, "no"))]
    url = worker.url.replace("http://", "http://u:hunter2@")
    client = client_for(url, username="u", password="hunter2", headers=(("K", "hunter2"),))
    with pytest.raises(WorkerFailed):
        client.put_config("a", faulty(password="hunter2"))
    shown = "".join(record.getMessage() for record in caplog.records)
    assert "an attempt failed: Busy" in shown
    assert "hunter2" not in shown
    assert "hunter2" not in repr(client.settings)


def test_errors_keep_the_address_without_its_user_info(worker: FakeWorker) -> None:
    url = worker.url.replace("http://", "http://u:hunter2@")
    with pytest.raises(NotFound) as caught:
        client_for(url).config("a")
    assert caught.value.url == f"{worker.url}/connectors/a/config"
    assert (caught.value.method, caught.value.status, caught.value.message) == ("GET", 404, "Connector a not found")


def test_closing_closes_the_connections_at_once_and_later_requests_open_new_ones(worker: FakeWorker) -> None:
    client = client_for(worker.url)
    with ThreadPoolExecutor(8) as threads:
        together = threading.Barrier(8)

        def ask() -> None:
            together.wait()
            client.connectors()

        for result in [threads.submit(ask) for _ in range(8)]:
            result.result()
    assert worker.open_connections > 0
    adapter = client.transport._adapter
    assert adapter is not None
    held = adapter.poolmanager.connection_from_url(worker.url)  # as a failure's traceback may for a while
    gc.disable()
    try:
        client.close()
        wait_until(lambda: worker.open_connections == 0, "connections are still open", seconds=5)
        assert held.pool is None
    finally:
        gc.enable()
    assert client.connectors() == []
