"""Endless, oversized or invalid responses, and unsendable requests: each ends with an error message."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from pulumi_kafka_connectors.connect import BadAnswer, BodyTooLarge, Busy, Client, NotFound, Retry, Unreachable, Unsendable
from pulumi_kafka_connectors.connect.transport import NotSent, ResponseLost
from tests.support.clients import client_for
from tests.support.clock import FakeClock
from tests.support.gateway import gateway_to
from tests.support.names import faulty
from tests.support.worker import FakeWorker, Fault, connect_error, fake_worker

pytestmark = pytest.mark.timeout(60)  # what these prove is that something ends at all

DRIPS = ["drip-header", "drip-continue", "drip-body", "drip-chunk", "drip-error"]


@pytest.fixture
def client(worker: FakeWorker) -> Client:
    return client_for(worker.url)


@pytest.mark.parametrize("drip", DRIPS)
def test_a_response_that_drips_ends_with_the_timeout(worker: FakeWorker, drip: str) -> None:
    worker.faults = [Fault("GET .*", close=drip, times=10)]
    with pytest.raises(ResponseLost) as caught:
        client_for(worker.url, timeout=0.25, retry=Retry(0)).connectors()
    assert str(caught.value) == f"GET {worker.url}/connectors: no answer within 0.25 s"


@pytest.mark.parametrize("drip", ["drip-header", "drip-body"])
def test_an_answer_that_drips_ends_with_the_deadline(worker: FakeWorker, drip: str) -> None:
    worker.faults = [Fault("GET .*", close=drip, times=10)]
    client = client_for(worker.url, timeout=1000, connect=1000, retry=Retry(0))
    with pytest.raises(ResponseLost, match=r"no answer within 1 s$"):
        client.until(client.clock.now() + 0.1).connectors()


@pytest.mark.parametrize(("left", "expected"), [(0.3, "1"), (1.2, "1.2")])
def test_an_attempt_gets_the_time_until_the_deadline_but_at_least_a_second(
    worker: FakeWorker, left: float, expected: str
) -> None:
    worker.faults = [Fault("GET .*", close="now", delay=30, times=10)]
    client = client_for(worker.url, timeout=50, retry=Retry(0))
    with pytest.raises(ResponseLost, match=rf"no answer within {expected} s$"):
        client.until(client.clock.now() + left).connectors()


def test_a_drip_through_a_proxy_ends(worker: FakeWorker) -> None:
    with fake_worker() as proxy:
        proxy.faults = [Fault(".*", close="drip-body", times=10)]
        with pytest.raises(ResponseLost, match=r"no answer within 0.25 s$"):
            client_for(worker.url, proxy=proxy.url, timeout=0.25, retry=Retry(0)).connectors()
    assert worker.requests == []


@contextmanager
def mute() -> Iterator[tuple[str, int]]:
    """A port that accepts connections and bytes, and sends nothing or a byte at a time instead of a tunnel."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = threading.Event()

        def drip(sock: socket.socket) -> None:
            with sock:
                while not done.wait(0.02):
                    try:
                        sock.sendall(b"x")
                    except OSError:
                        return

        def serve() -> None:
            while True:
                try:
                    sock, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=drip, args=(sock,), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()
        done.set()
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("secured", [True, False])
def test_a_port_that_drips_nonsense_ends(secured: bool) -> None:
    with mute() as (host, port):
        url = f"{'https' if secured else 'http'}://{host}:{port}"
        with pytest.raises(Unreachable):
            client_for(url, timeout=0.25, connect=0.25, retry=Retry(0)).connectors()


def test_a_proxy_that_drips_before_there_is_a_tunnel_has_sent_nothing() -> None:
    with mute() as (host, port), pytest.raises(NotSent, match=r"^https://worker.invalid: no connection within 0.25 s$"):
        client_for("https://worker.invalid", proxy=f"http://{host}:{port}", connect=0.25, retry=Retry(0)).create("a", {})


def test_a_proxy_that_refuses_a_tunnel_has_sent_nothing(worker: FakeWorker) -> None:
    with pytest.raises(NotSent, match=r"^https://worker.invalid: the proxy refused the connection \(501\)$"):
        client_for("https://worker.invalid", proxy=worker.url, retry=Retry(0)).create("a", {})


def test_a_worker_that_does_not_read_a_long_request_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
        client = client_for(f"http://{host}:{port}", timeout=0.3, connect=0.3, retry=Retry(0))
        with pytest.raises(ResponseLost):
            client.put_config("a", {"a": "x" * 50_000_000})


def test_a_request_after_a_slow_answer_has_its_whole_time(worker: FakeWorker) -> None:
    worker.faults = [Fault("GET .*", 200, [], delay=0.4)]
    client = client_for(worker.url, timeout=0.6, longest_body=10**7)
    client.connectors()
    client.put_config("a", {"a": "x" * 5_000_000})
    worker.faults = [Fault("GET .*", 200, [], delay=0.4)]
    client.connectors()
    assert worker.accepted_connections == 1


def test_a_hanging_worker_is_abandoned_for_the_next(worker: FakeWorker) -> None:
    with fake_worker() as second:
        worker.faults = [Fault("GET .*", close="now", delay=30)]
        assert client_for(worker.url, second.url, timeout=0.3).connectors() == []


# Bodies


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"<html>login</html>", "text/html"), (b"hello", "text/plain"), (b"{", "application/json"), (b"\xff", "x/y")],
)
def test_a_response_that_is_not_json_is_described_in_the_error(
    worker: FakeWorker, client: Client, body: bytes, kind: str
) -> None:
    worker.faults = [Fault("GET .*", 200, body, {"Content-Type": kind})]
    with pytest.raises(BadAnswer) as caught:
        client.connectors()
    expected = f"200 with {len(body)} bytes of {kind} instead of JSON: is this the address of a Kafka Connect worker?"
    assert str(caught.value) == f"GET {worker.url}/connectors: {expected}"


def test_an_empty_body_where_json_is_needed_is_no_answer(worker: FakeWorker, client: Client) -> None:
    worker.faults = [Fault("GET .*", 200, b"  ")]
    with pytest.raises(BadAnswer):
        client.connectors()


def test_json_that_nests_without_end_is_no_answer(worker: FakeWorker, client: Client) -> None:
    worker.faults = [Fault("GET .*", 200, b"[" * 300_000)]
    with pytest.raises(BadAnswer, match="instead of JSON"):
        client.connectors()


def test_the_content_type_of_an_answer_does_not_matter(worker: FakeWorker, client: Client) -> None:
    worker.faults = [Fault("GET .*", 200, ["a"], {"Content-Type": "text/plain"})]
    assert client.connectors() == ["a"]


def test_a_body_of_just_the_longest_size_is_read(worker: FakeWorker) -> None:
    worker.faults = [Fault("GET .*", 200, b"[" + b" " * 998 + b"]")]
    assert client_for(worker.url, longest_body=1000).connectors() == []


def test_a_longer_body_is_its_own_error(worker: FakeWorker) -> None:
    worker.faults = [Fault("GET .*", 200, b"[" + b" " * 999 + b"]")]
    with pytest.raises(BodyTooLarge, match=r"200 with a body that is too long \(1000 bytes so far\)$"):
        client_for(worker.url, longest_body=1000).connectors()


def gone(size: int) -> bytes:
    """Connect's own 404 about connector `a` with this many bytes."""
    text = json.dumps(connect_error(404, "Connector a not found"))
    return text.ljust(size).encode()


@pytest.mark.parametrize("size", [2**20 + 1, 3_000_000])
def test_a_long_error_is_read_only_in_part(worker: FakeWorker, client: Client, size: int) -> None:
    worker.faults = [Fault("GET .*", 404, gone(size).replace(b"}", b"").ljust(size - 1) + b"}", times=1000)]
    with pytest.raises(Busy, match="starting or stopping"):
        client.config("a")


def test_an_error_of_a_mebibyte_is_read_whole(worker: FakeWorker, client: Client) -> None:
    worker.faults = [Fault("GET .*", 404, gone(2**20))]
    with pytest.raises(NotFound):
        client.config("a")


# Unsendable requests


@pytest.mark.parametrize(
    "url", ["http://[", "http://a..b", "http://", "worker:8083", "", "ftp://worker", "http://" + "a" * 300, "http://a:b:c"]
)
def test_an_invalid_address_is_one_error_message(url: str) -> None:
    with pytest.raises((Unsendable, NotSent)) as caught:
        client_for(url, retry=Retry(0)).connectors()
    assert "\n" not in str(caught.value)


def test_no_address_is_one_error_message() -> None:
    with pytest.raises(Unsendable, match=r"^no worker address is set$"):
        client_for().connectors()


@pytest.mark.parametrize("url", ["http://a..b", "http://[", "ftp://worker"])
def test_an_invalid_address_is_not_retried(url: str) -> None:
    clock = FakeClock()
    with pytest.raises(Unsendable):
        client_for(url, clock=clock).connectors()
    assert clock.sleeps == []


@pytest.mark.parametrize("proxy", ["http://[", "http://a..b", "http://:8", "socks9://x", "http://u:grün🙂@127.0.0.1:1"])
def test_an_invalid_proxy_is_one_error_message(worker: FakeWorker, proxy: str) -> None:
    with pytest.raises(Unsendable, match=r"^http://127.0.0.1:\d+: this address, or that of the proxy, cannot be used$"):
        client_for(worker.url, proxy=proxy).connectors()


@pytest.mark.parametrize(
    "settings",
    [
        {"token": "🙂hunter2"},
        {"token": "hunter2\nX: y"},
        {"headers": (("X", "hunter2 🙂"),)},
        {"headers": (("X", "hunter2\r\n"),)},
        {"headers": (("X Y:", "hunter2"),)},
        {"headers": (("Ü", "hunter2"),)},
        {"headers": (("🙂", "hunter2"),)},
    ],
)
def test_headers_that_http_does_not_allow_are_one_error_message_without_their_value(
    worker: FakeWorker, settings: dict[str, Any]
) -> None:
    with pytest.raises(Unsendable) as caught:
        client_for(worker.url, **settings).create("a", faulty())
    assert "hunter2" not in str(caught.value)
    assert worker.requests == []


def test_text_that_is_not_unicode_is_one_error_message(worker: FakeWorker, client: Client) -> None:
    with pytest.raises(Unsendable, match="text that is not valid Unicode"):
        client.put_config("a", {"hunter2": "\ud800"})


@pytest.mark.parametrize("seconds", [1e12, float("inf")])
def test_timeouts_longer_than_sockets_allow_are_accepted(worker: FakeWorker, seconds: float) -> None:
    assert client_for(worker.url, timeout=seconds, connect=seconds).connectors() == []


# Proxies


def test_the_proxy_of_the_settings_is_used(worker: FakeWorker) -> None:
    with gateway_to(worker.url) as proxy:
        assert client_for(worker.url, proxy=proxy.address).connectors() == []
        assert proxy.requests == ["GET /connectors"]


def test_the_proxy_of_the_environment_is_used_unless_no_proxy_matches(
    worker: FakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "no_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with gateway_to(worker.url) as proxy:
        monkeypatch.setenv("http_proxy", proxy.address)
        client_for(worker.url).connectors()
        assert proxy.requests == ["GET /connectors"]
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        client_for(worker.url).connectors()
        assert proxy.requests == ["GET /connectors"]


def test_the_proxy_of_the_settings_wins_over_the_environment(worker: FakeWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with gateway_to(worker.url) as proxy:
        client_for(worker.url, proxy=proxy.address).connectors()
        assert proxy.requests == ["GET /connectors"]


def test_a_proxy_that_is_down_is_reported(worker: FakeWorker) -> None:
    with pytest.raises(NotSent, match=r": the proxy does not respond$"):
        client_for(worker.url, proxy="http://127.0.0.1:1", retry=Retry(0)).connectors()
