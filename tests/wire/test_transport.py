"""Retries, failover, lost answers, redirects and limits, counted on a local server."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable

import pytest

from pulumi_kafka_connectors.connect import (
    BadAnswer,
    Busy,
    Client,
    NotFound,
    OutcomeUnknown,
    Retry,
    Settings,
    Unauthorized,
    Unreachable,
    Unsupported,
    WorkerFailed,
)
from pulumi_kafka_connectors.connect import transport as transports
from sandbox.processes import free_port
from tests.support.names import faulty
from tests.support.worker import FakeWorker, Fault, connect_error, fake_worker

QUICK = Retry(seconds=3, first=0.02, most=0.1)
BUSY = [
    (409, "Cannot complete request momentarily due to stale configuration"),
    (409, "Cannot complete request because of a conflicting operation (e.g. worker rebalance)"),
    (500, "Request cannot be completed because a rebalance is expected"),
    (503, "starting"),
]


def at(*urls: str, timeout: float = 2, retry: Retry = QUICK) -> Client:
    return Client(Settings(urls=urls, timeout=timeout, retry=retry))


@pytest.mark.parametrize(("status", "message"), BUSY)
@pytest.mark.parametrize("verb", ["GET", "POST", "PUT", "DELETE"])
def test_a_busy_cluster_is_asked_again_whatever_the_verb(
    worker: FakeWorker, client: Client, status: int, message: str, verb: str
) -> None:
    if verb != "POST":
        client.create("a", faulty())
    worker.requests.clear()
    worker.faults = [Fault(rf"{verb} .*", status, connect_error(status, message), times=3)]
    calls: dict[str, Callable[[], object]] = {
        "GET": lambda: client.config("a"),
        "POST": lambda: client.create("a", faulty()),
        "PUT": lambda: client.put_config("a", faulty()),
        "DELETE": lambda: client.delete("a"),
    }
    calls[verb]()
    assert len(worker.requests) == 4


def test_a_starting_worker_proves_nothing_and_is_asked_again(worker: FakeWorker, client: Client) -> None:
    client.create("a", faulty())
    page = {"message": "Not Found", "url": "/connectors/a/config", "status": "404"}
    worker.faults = [Fault("GET .*", 404, page, times=2), Fault("GET .*", 404, b"<html>", {"Content-Type": "text/html"})]
    assert client.config("a")["rate"] == "1"
    assert worker.lines().count("GET /connectors/a/config") == 4


def test_it_gives_up_when_the_time_for_retries_is_over(worker: FakeWorker) -> None:
    worker.faults = [Fault("GET .*", 409, connect_error(409, "rebalance"), times=10_000)]
    client = at(worker.url, retry=Retry(seconds=0.4, first=0.02, most=0.05))
    started = time.monotonic()
    with pytest.raises(Busy):
        client.connectors()
    assert 0.2 < time.monotonic() - started < 2
    assert len(worker.requests) > 5


def test_a_deadline_ends_retries_early(worker: FakeWorker, client: Client) -> None:
    worker.faults = [Fault("GET .*", 409, connect_error(409, "rebalance"), times=10_000)]
    with pytest.raises(Busy):
        client.until(time.monotonic() + 0.2).connectors()


@pytest.mark.parametrize("status", [400, 401, 403, 415, 500])
def test_a_refusal_is_told_at_the_first_answer(worker: FakeWorker, client: Client, status: int) -> None:
    worker.faults = [Fault(".*", status, connect_error(status, "no"), times=5)]
    with pytest.raises(Exception, match="no"):
        client.connectors()
    assert len(worker.requests) == 1


@pytest.mark.parametrize("verb", ["GET", "POST", "DELETE"])
def test_a_worker_that_refuses_connections_is_passed_over(worker: FakeWorker, verb: str) -> None:
    client = at(f"http://127.0.0.1:{free_port()}", worker.url)
    worker.connectors["a"] = {"config": {}, "state": "RUNNING"}
    calls: dict[str, Callable[[], object]] = {
        "GET": client.connectors,
        "POST": lambda: client.create("b", faulty()),
        "DELETE": lambda: client.delete("a"),
    }
    calls[verb]()
    assert len(worker.requests) == 1


def test_the_worker_that_answered_is_asked_first_from_then_on(worker: FakeWorker) -> None:
    with fake_worker() as second:
        worker.faults = [Fault("GET .*", close="now")]
        client = at(worker.url, second.url)
        client.connectors()
        client.connectors()
        client.connectors()
        assert (len(worker.requests), len(second.requests)) == (1, 3)


def test_a_worker_that_lost_a_request_is_not_asked_first_again(worker: FakeWorker) -> None:
    with fake_worker() as second:
        worker.faults = [Fault(".*", close="now", times=1000)]
        client = at(worker.url, second.url)
        with pytest.raises(NotFound):
            client.config("a")  # a refusal is an answer too
        client.create("a", faulty())
        assert (len(worker.requests), len(second.requests)) == (1, 2)
        client = at(worker.url, second.url, timeout=1)
        with pytest.raises(OutcomeUnknown):
            client.create("b", faulty())
        client.create("b", faulty())
        assert second.lines()[-1] == "POST /connectors"


def test_all_workers_down_is_one_sentence(caplog: pytest.LogCaptureFixture) -> None:
    one, other = f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{free_port()}"
    with pytest.raises(Unreachable) as caught:
        at(one, other, retry=Retry(seconds=0)).connectors()
    assert str(caught.value) == f"none of the workers {one}, {other} can be used; the last: {one}: connection refused"


def test_an_unknown_host_is_one_sentence() -> None:
    with pytest.raises(Unreachable, match=r"^http://no-such-host.invalid:8083: the host name is not known$"):
        at("http://no-such-host.invalid:8083", retry=Retry(seconds=0)).connectors()


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
        at(worker.url, timeout=0.5).create("a", faulty())
    assert worker.lines() == ["POST /connectors"]


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: f"{fault.status} {fault.close} {fault.delay}")
def test_other_requests_are_repeated_after_a_lost_answer(worker: FakeWorker, fault: Fault) -> None:
    worker.faults = [again(fault)]
    client = at(worker.url, timeout=0.5)
    _, created = client.put_config("a", faulty())
    assert created is False
    worker.faults = [again(fault)]
    assert client.restart("a", include_tasks=True) is not None
    worker.faults = [again(fault)]
    with pytest.raises(NotFound):
        client.delete("a")
    assert worker.lines(but="GET /$") == [
        "PUT /connectors/a/config",
        "PUT /connectors/a/config",
        "POST /connectors/a/restart",
        "POST /connectors/a/restart",
        "DELETE /connectors/a",
        "DELETE /connectors/a",
    ]


def test_a_redirect_keeps_method_and_body_and_login_within_the_configured_hosts(worker: FakeWorker) -> None:
    with fake_worker() as second:
        worker.faults = [Fault("POST .*", 307, b"", {"Location": f"{second.url}/connectors"})]
        client = Client(Settings(urls=(worker.url, second.url), token="hunter2", retry=QUICK))
        client.create("a", faulty())
        assert second.requests[0].line == "POST /connectors"
        assert second.requests[0].body["config"] == faulty()
        assert second.requests[0].headers["Authorization"] == "Bearer hunter2"


@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_nothing_follows_a_redirect_to_a_foreign_host(worker: FakeWorker, verb: str) -> None:
    with fake_worker() as foreign:
        worker.faults = [Fault(".*", 302, b"", {"Location": f"{foreign.url}/connectors?x=hunter2"})]
        client = Client(Settings(urls=(worker.url,), username="u", password="hunter2", retry=QUICK))
        with pytest.raises(BadAnswer, match=r"redirects to http://127\.0\.0\.1, which is not a configured worker") as caught:
            client.connectors() if verb == "GET" else client.create("a", faulty(password="hunter2"))
        assert "hunter2" not in str(caught.value)
        assert foreign.requests == []


def test_a_redirect_loop_ends(worker: FakeWorker, client: Client) -> None:
    worker.faults = [Fault("GET .*", 302, b"", {"Location": "/connectors"}, times=100)]
    with pytest.raises(BadAnswer, match="more than 5 redirects"):
        client.connectors()


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"<html>login</html>", "text/html"), (b"hello", "text/plain"), (b"{", "application/json"), (b"\xff", "x/y")],
)
def test_an_answer_that_is_not_json_says_what_came_instead(
    worker: FakeWorker, client: Client, body: bytes, kind: str
) -> None:
    worker.faults = [Fault("GET .*", 200, body, {"Content-Type": kind})]
    with pytest.raises(BadAnswer, match=rf"200 with {len(body)} bytes of {kind} instead of JSON"):
        client.connectors()


@pytest.mark.parametrize("body", [{"a": 1}, "text", 5, None, [{"a": 1}]])
def test_json_of_another_shape_is_no_answer_of_connect(worker: FakeWorker, client: Client, body: object) -> None:
    worker.faults = [Fault("GET .*", 200, body)]
    with pytest.raises(BadAnswer, match="not Kafka Connect's"):
        client.connectors()


def test_the_content_type_of_an_answer_does_not_matter(worker: FakeWorker, client: Client) -> None:
    worker.faults = [Fault("GET .*", 200, ["a"], {"Content-Type": "text/plain"})]
    assert client.connectors() == ["a"]


def test_a_body_without_end_is_cut_off(worker: FakeWorker, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transports, "LONGEST_BODY", 100_000)
    worker.faults = [Fault("GET .*", 200, b"[" + b" " * 1_000_000 + b"]")]
    with pytest.raises(BadAnswer, match="a body that does not end"):
        client.connectors()


def test_a_long_error_is_read_only_in_part(worker: FakeWorker, client: Client) -> None:
    worker.faults = [Fault("GET .*", 500, b"x" * 50_000_000)]
    with pytest.raises(WorkerFailed, match="not Kafka Connect's"):
        client.connectors()


def test_a_worker_that_hangs_is_given_up_after_the_time_out(worker: FakeWorker) -> None:
    with fake_worker() as second:
        worker.faults = [Fault("GET .*", close="now", delay=2)]
        started = time.monotonic()
        assert at(worker.url, second.url, timeout=0.3).connectors() == []
        assert time.monotonic() - started < 1.5


LOGINS: list[tuple[dict[str, object], str]] = [
    ({"username": "u", "password": "p:w"}, "Basic dTpwOnc="),
    ({"username": "ü", "password": "ß"}, "Basic w7w6w58="),
    ({"username": "u"}, "Basic dTo="),
    ({"token": "t.o.k"}, "Bearer t.o.k"),
]


@pytest.mark.parametrize(("login", "header"), LOGINS)
def test_the_login_is_on_every_request(worker: FakeWorker, login: dict[str, object], header: str) -> None:
    client = Client(Settings(urls=(worker.url,), headers=(("X-Team", "data"),), retry=QUICK, **login))  # type: ignore[arg-type]
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
    at(worker.url).connectors()
    assert "Authorization" not in worker.requests[0].headers


def test_a_path_prefix_stays_in_front(worker: FakeWorker) -> None:
    worker.faults = [Fault("GET /gateway/kafka/connectors", 200, ["a"])]
    assert at(f"{worker.url}/gateway/kafka/").connectors() == ["a"]


def test_401_is_its_own_error(worker: FakeWorker, client: Client) -> None:
    worker.faults = [Fault("GET .*", 401, b"User cannot access the resource.")]
    with pytest.raises(Unauthorized):
        client.connectors()


def test_no_body_header_or_user_info_is_logged(worker: FakeWorker, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    worker.faults = [Fault(".*", 503, b"hunter2", times=1), Fault(".*", 500, b"hunter2")]
    client = Client(Settings(urls=(worker.url,), username="u", password="hunter2", headers=(("K", "hunter2"),), retry=QUICK))
    with pytest.raises(WorkerFailed):
        client.put_config("a", faulty(password="hunter2"))
    shown = "".join(record.getMessage() for record in caplog.records if "pulumi_kafka_connectors" in record.name)
    assert "try 1 failed" in shown
    assert "hunter2" not in shown


def test_each_thread_has_one_pooled_session_and_connections_are_kept(worker: FakeWorker) -> None:
    client = at(worker.url)
    transport = transports.transport_for(client.settings)

    def work() -> None:
        for _ in range(5):
            client.connectors()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(transport._sessions) == 3
    transport.close()
    assert transport._sessions == []
    assert client.connectors() == []


# Endpoints that a worker does not have


def test_an_endpoint_that_an_older_worker_lacks_is_named_with_both_versions(worker: FakeWorker, client: Client) -> None:
    worker.version = "2.8.2"
    worker.connectors["a"] = {"config": {}, "state": "RUNNING"}
    worker.faults = [Fault("PUT .*stop", 404, connect_error(404, "HTTP 404 Not Found"))]
    with pytest.raises(Unsupported) as caught:
        client.stop("a")
    assert str(caught.value) == (
        "the Kafka Connect worker (version 2.8.2) does not support PUT /connectors/a/stop: it needs Kafka Connect 3.5.0 or newer"
    )


def test_a_gateway_that_lacks_an_endpoint_is_not_taken_for_a_starting_worker(worker: FakeWorker, client: Client) -> None:
    worker.faults = [Fault("GET /connectors/a/offsets", 404, b"<html>", times=100)]
    with pytest.raises(Unsupported, match=r"3\.5\.0"):
        client.offsets("a")
    assert worker.lines().count("GET /connectors/a/offsets") == 1


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.restart("a", include_tasks=True),
        lambda client: client.set_logger("root", "INFO", cluster=True),
        lambda client: client.plugins(connectors_only=False),
        lambda client: client.plugin_config("C", version="1"),
    ],
)
def test_parameters_that_older_workers_ignore_silently_are_not_sent_to_them(
    worker: FakeWorker, call: Callable[[Client], object]
) -> None:
    worker.version = "2.8.2"
    with pytest.raises(Unsupported):
        call(at(worker.url))
    assert worker.lines() == ["GET /"]


def test_a_restart_whose_parameters_were_ignored_is_not_taken_for_done(worker: FakeWorker) -> None:
    worker.version = "unknown"
    worker.connectors["a"] = {"config": {}, "state": "RUNNING"}
    worker.faults = [Fault("POST .*restart", 204, None)]
    with pytest.raises(Unsupported, match="does not tell its version"):
        at(worker.url).restart("a", include_tasks=True)


def test_initial_state_on_an_older_worker_creates_nothing(worker: FakeWorker, client: Client) -> None:
    worker.version = "3.4.0"
    text = 'Unrecognized field "initial_state" (class CreateConnectorRequest), not marked as ignorable'
    worker.faults = [Fault("POST .*", 500, connect_error(500, text))]
    with pytest.raises(Unsupported, match=r"3\.7\.0"):
        client.create("a", faulty(), "PAUSED")


def test_health_is_told_also_when_it_is_bad(worker: FakeWorker, client: Client) -> None:
    worker.faults = [Fault("GET /health", 500, {"status": "unhealthy", "message": "stuck"})]
    assert client.health().status == "unhealthy"
    worker.faults = [
        Fault("GET /health", 503, {"status": "starting", "message": "soon"}, times=2),
        Fault("GET /health", 200, {"status": "healthy"}),
    ]
    assert client.health().status == "healthy"


def test_unknown_fields_and_states_are_read(worker: FakeWorker, client: Client) -> None:
    status = {
        "name": "a",
        "connector": {"state": "HIBERNATING", "worker_id": "w", "since": 5},
        "tasks": [{"id": 3, "state": "MELTING", "worker_id": "w", "trace": "t", "version": None}],
        "type": "transform",
        "news": {},
    }
    worker.faults = [Fault("GET .*", 200, status)]
    read = client.status("a")
    assert (read.connector.state, read.tasks[0].state, read.tasks[0].id, read.tasks[0].trace) == (
        "HIBERNATING",
        "MELTING",
        3,
        "t",
    )
    worker.faults = [Fault("GET .*", 200, {"a": "1", "null": None})]
    assert client.config("a") == {"a": "1"}


def test_json_is_sent_as_utf_8_whole(worker: FakeWorker, client: Client) -> None:
    config = faulty(text="grün 🙂 \n\t\u0000 'quotes\"")
    client.create("ü ?#&+->", config)
    assert json.dumps(worker.requests[-1].body["config"]) == json.dumps(config)
    assert worker.connectors.keys() == {"ü ?#&+->"}
    client.delete("ü ?#&+->")
    assert worker.connectors == {}
