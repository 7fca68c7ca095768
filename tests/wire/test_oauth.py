"""OAuth client credentials: a gateway that wants bearer tokens, and a token server that issues them."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import trustme
from pulumi.runtime import rpc, set_all_config

import pulumi_kafka_connectors as kc
from pulumi_kafka_connectors import native
from pulumi_kafka_connectors.cli import main
from pulumi_kafka_connectors.connect import (
    BadAnswer,
    Client,
    ConnectError,
    OutcomeUnknown,
    Retry,
    TokenRefused,
    TokenUnavailable,
    Unauthorized,
    Unsendable,
)
from pulumi_kafka_connectors.core import connectors
from pulumi_kafka_connectors.core.operation import OperationFailed
from sandbox.processes import free_port
from tests.support.clients import client_for
from tests.support.clock import FakeClock
from tests.support.gateway import Gateway, gateway_to
from tests.support.host import Host, forked_host
from tests.support.names import faulty
from tests.support.operations import operation_on
from tests.support.program import registered
from tests.support.tokens import CLIENT, CLIENT_SECRET, Reply, TokenServer, token_server
from tests.support.worker import FakeWorker, Fault


@pytest.fixture
def tokens(clock: FakeClock) -> Iterator[TokenServer]:
    with token_server(60, clock) as tokens:
        yield tokens


@pytest.fixture
def gateway(worker: FakeWorker, tokens: TokenServer) -> Iterator[Gateway]:
    """In front of the fake worker, for bearers of a token of the server."""
    with gateway_to(worker.url, authorized=tokens.accepts) as gateway:
        yield gateway


@pytest.fixture
def client(gateway: Gateway, tokens: TokenServer, clock: FakeClock) -> Client:
    return client_for(gateway.url, clock=clock, oauth=tokens.client(scopes=("connect:write", "b")))


def test_a_token_is_fetched_once_and_used_for_every_request(client: Client, gateway: Gateway, tokens: TokenServer) -> None:
    client.create("a", faulty())
    client.put_config("a", faulty(rate=2))
    assert client.config("a")["rate"] == "2"
    client.delete("a")
    assert gateway.rejected == 0
    assert tokens.bodies == ["grant_type=client_credentials&scope=connect%3Awrite+b"]


def test_a_token_is_renewed_before_it_ends(client: Client, gateway: Gateway, tokens: TokenServer, clock: FakeClock) -> None:
    for _ in range(10):
        client.connectors()
        clock.advance(20)
    assert gateway.rejected == 0
    assert len(tokens.issued) == 4  # 48 of the 60 seconds that each one has


@pytest.mark.parametrize("verb", ["GET", "POST", "PUT", "DELETE"])
def test_a_token_that_was_revoked_is_replaced_once(client: Client, gateway: Gateway, tokens: TokenServer, verb: str) -> None:
    client.create("a", faulty())
    tokens.revoke()
    calls: dict[str, Callable[[], object]] = {
        "GET": lambda: client.config("a"),
        "POST": lambda: client.create("b", faulty()),
        "PUT": lambda: client.put_config("a", faulty(rate=2)),
        "DELETE": lambda: client.delete("a"),
    }
    calls[verb]()
    assert (gateway.rejected, len(tokens.issued)) == (1, 2)


def test_a_gateway_that_rejects_a_new_token_too_is_a_refused_login(client: Client, gateway: Gateway) -> None:
    gateway.authorized = lambda _authorization: False
    with pytest.raises(Unauthorized, match="401"):
        client.connectors()
    assert gateway.rejected == 2


def test_64_threads_fetch_one_token(client: Client, tokens: TokenServer) -> None:
    tokens.delay = 0.05
    with ThreadPoolExecutor(64) as threads:
        for result in [threads.submit(client.connectors) for _ in range(64)]:
            assert result.result() == []
    assert len(tokens.bodies) == 1


def test_64_threads_whose_token_is_rejected_fetch_one_more(client: Client, tokens: TokenServer) -> None:
    client.connectors()
    tokens.revoke()
    tokens.delay = 0.05
    with ThreadPoolExecutor(64) as threads:
        for result in [threads.submit(client.connectors) for _ in range(64)]:
            assert result.result() == []
    assert len(tokens.bodies) == 2


@pytest.mark.parametrize("reply", [Reply(503), Reply(429), Reply(500), Reply(body="close")], ids=str)
def test_a_token_server_that_is_busy_is_asked_again(client: Client, tokens: TokenServer, reply: Reply) -> None:
    tokens.replies = [reply, reply]
    client.create("a", faulty())
    assert len(tokens.bodies) == 3


def test_a_token_server_that_is_away_is_named_and_no_worker_is_asked(
    worker: FakeWorker, tokens: TokenServer, clock: FakeClock
) -> None:
    away = f"http://127.0.0.1:{free_port()}/token?tenant=hunter2"
    client = client_for(worker.url, worker.url, clock=clock, oauth=tokens.client(token_url=away))
    with pytest.raises(TokenUnavailable) as caught:
        client.create("a", faulty())
    origin = away.partition("/token")[0]
    assert str(caught.value) == f"no token from the token server: {origin}: connection refused (retried for 3 s)"
    assert worker.requests == []


def test_a_refused_client_is_told_at_once(worker: FakeWorker, tokens: TokenServer, clock: FakeClock) -> None:
    client = client_for(worker.url, clock=clock, oauth=tokens.client(client_secret="hunter2"))
    with pytest.raises(TokenRefused) as caught:
        client.create("a", faulty())
    assert str(caught.value) == f"POST {tokens.url}: 401 invalid_client: unknown client or wrong secret"
    assert len(tokens.bodies) == 1


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", {"token": "pl4nted"}, b"x" * 2**21], ids=lambda body: repr(body)[:20]
)
def test_an_answer_without_a_token_is_told_at_once(client: Client, tokens: TokenServer, body: Any) -> None:
    tokens.replies = [Reply(body=body)]
    with pytest.raises(BadAnswer, match="without a bearer token: is this the address that issues tokens"):
        client.create("a", faulty())
    assert len(tokens.bodies) == 1


def test_the_client_is_never_sent_to_where_a_token_server_redirects(
    client: Client, worker: FakeWorker, tokens: TokenServer
) -> None:
    tokens.replies = [Reply(307, headers={"Location": f"{worker.url}/connectors"})]
    with pytest.raises(BadAnswer, match="which is not followed"):
        client.connectors()
    assert worker.requests == []


@pytest.mark.parametrize("reply", [Reply(delay=5), Reply(body="drip"), Reply(500, body="drip")], ids=str)
def test_a_token_server_that_does_not_finish_ends_with_the_deadline(
    worker: FakeWorker, reply: Reply, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pulumi_kafka_connectors.connect.transport._GRACE", 0.1)
    with token_server() as tokens:
        tokens.replies = [reply]
        client = client_for(worker.url, oauth=tokens.client(), timeout=9, connect=9)
        started = time.monotonic()
        with pytest.raises(ConnectError, match="token server"):
            client.until(client.clock.now() + 0.1).with_retry(0).connectors()
        assert time.monotonic() - started < 2
    assert worker.requests == []


def test_a_lost_answer_of_the_worker_still_has_an_unknown_outcome(client: Client, worker: FakeWorker) -> None:
    client.connectors()
    worker.faults = [Fault("POST .*", 502, b"")]
    with pytest.raises(OutcomeUnknown):
        client.create("a", faulty())


# TLS and proxies are those of the workers


def test_the_token_server_is_trusted_as_the_workers_are(worker: FakeWorker) -> None:
    authority, context = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with token_server(tls=context) as tokens:
        ca = authority.cert_pem.bytes().decode()
        assert client_for(worker.url, oauth=tokens.client(), ca=ca).connectors() == []
        assert client_for(worker.url, oauth=tokens.client(), insecure=True).connectors() == []
        with pytest.raises(Unsendable, match=r"no token from the token server: .* is not trusted"):
            client_for(worker.url, oauth=tokens.client()).connectors()


def test_the_token_is_fetched_through_the_proxy(worker: FakeWorker, tokens: TokenServer, clock: FakeClock) -> None:
    with gateway_to(tokens.url) as proxy:
        token = client_for("http://127.0.0.1:1", clock=clock, oauth=tokens.client(), proxy=proxy.address, retry=Retry(0))
        with pytest.raises(ConnectError):
            token.connectors()
        assert proxy.requests[0] == "POST /oauth/token"
    assert len(tokens.issued) == 1


# What leaves


def test_former_tokens_and_the_secret_are_hidden_in_errors(
    gateway: Gateway, worker: FakeWorker, tokens: TokenServer, clock: FakeClock
) -> None:
    settings: dict[str, Any] = {"tokenurl": tokens.url, "clientid": CLIENT, "clientsecret": CLIENT_SECRET}
    with operation_on(gateway.url, clock=clock, **settings) as operation:
        operation.cluster.client.connectors()
        tokens.revoke()
        operation.cluster.client.connectors()
        former, current = tokens.issued
        text = f"{former} or {current} of {CLIENT_SECRET}"
        worker.faults = [Fault(".*", 400, {"error_code": 400, "message": text}, times=9)]
        with pytest.raises(OperationFailed) as caught:
            connectors.create(operation, {"name": "a", "config": faulty()})
    assert "[hidden] or [hidden] of [hidden]" in str(caught.value)


def test_words_of_the_token_server_are_without_secrets_and_say_what_to_do(
    gateway: Gateway, tokens: TokenServer, clock: FakeClock
) -> None:
    settings: dict[str, Any] = {"tokenurl": tokens.url, "clientid": CLIENT, "clientsecret": CLIENT_SECRET, "scopes": "a b"}
    echo = {"error": "invalid_client", "error_description": f"bad\n\x1b[31m{CLIENT_SECRET}"}
    tokens.replies = [Reply(400, echo)] * 9
    with operation_on(gateway.url, clock=clock, **settings) as operation, pytest.raises(OperationFailed) as caught:
        connectors.create(operation, {"name": "a", "config": faulty()})
    assert "400 invalid_client: bad \ufffd[31m[hidden]: check kafka-connectors:tokenurl, :clientid, :clientsecret and :scopes" in str(caught.value)  # fmt: skip


def test_a_connector_through_the_gateway_in_both_front_ends(
    gateway: Gateway, worker: FakeWorker, tokens: TokenServer, plugin: Host
) -> None:
    tokens.lifetime = 10**6
    plugin.configure(
        url=gateway.url, tokenurl=tokens.url, clientid=CLIENT, clientsecret=CLIENT_SECRET, scopes="a b", retry="5"
    )
    name, outputs = plugin.create({"name": "a", "config": faulty()})
    assert outputs["status"] == "running"
    assert plugin.read(name, outputs)[0] == "a"
    plugin.delete(name, outputs)
    assert worker.connectors == {}
    assert tokens.bodies == ["grant_type=client_credentials&scope=a+b"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"tokenurl": "http://l/t", "clientid": "c"}, "tokenurl is set without kafka-connectors:clientsecret"),
        ({"username": "u", "tokenurl": "http://l/t"}, "username and kafka-connectors:tokenurl exclude each other"),
        ({"token": "hunter2", "tokenurl": "http://l/t"}, "token and kafka-connectors:tokenurl exclude each other"),
        ({"password": "hunter2"}, "password is set without kafka-connectors:username"),
    ],
)
def test_half_a_login_and_two_logins_are_refused_in_both_front_ends(
    worker: FakeWorker, plugin: Host, settings: dict[str, str], words: str
) -> None:
    plugin.configure(url=worker.url, **settings)
    (text,) = plugin.check({"name": "a", "config": faulty()})[1]
    assert words in text
    assert worker.requests == []


@pytest.mark.parametrize("variable", ["KAFKA_CONNECT_PASSWORD", "KAFKA_CONNECT_CLIENT_SECRET"])
def test_half_a_login_of_the_environment_is_refused_in_both_front_ends(
    worker: FakeWorker, front_end: str, variable: str
) -> None:
    with forked_host({variable: "hunter2"}, front_end) as plugin:
        plugin.configure(url=worker.url)
        (text,) = plugin.check({"name": "a", "config": faulty()})[1]
    assert "is set without" in text


def test_half_a_login_of_the_environment_is_refused_on_the_command_line(
    worker: FakeWorker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KAFKA_CONNECT_PASSWORD", "hunter2")
    assert main(["status", "--url", worker.url]) == 2
    assert "kafka-connectors:password is set without kafka-connectors:username" in capsys.readouterr().err
    assert worker.requests == []


@pytest.mark.parametrize("provider", [kc.Provider, native.Provider])
def test_an_explicit_provider_hands_over_a_client_and_marks_its_secret(provider: type[kc.Provider]) -> None:
    client = {"tokenurl": "http://l/t", "clientid": "c", "clientsecret": "hunter2", "scopes": ["a", "b"]}
    found = registered(lambda: provider("p", url="http://w:1", **client), marks=True)  # type: ignore[arg-type]
    given = {name.rpartition(":")[2]: value for name, value in found.items()}
    assert given["clientsecret"][rpc._special_sig_key] == rpc._special_secret_sig
    assert {name: given[name] for name in ("tokenurl", "clientid", "scopes")} == {
        "tokenurl": "http://l/t",
        "clientid": "c",
        "scopes": ["a", "b"],
    }


def test_a_provider_for_another_cluster_takes_no_client_of_the_stack() -> None:
    set_all_config({f"kafka-connectors:{name}": "hunter2" for name in ("tokenurl", "clientid", "clientsecret", "scopes")})
    try:
        found = registered(lambda: kc.Provider("p", url="http://w:1"))
    finally:
        set_all_config({})
    assert found == {"kafka-connectors:url": "http://w:1"}


def test_a_token_server_that_is_away_is_a_warning_of_a_preview(worker: FakeWorker, plugin: Host) -> None:
    away = f"http://127.0.0.1:{free_port()}/token"
    plugin.configure(url=worker.url, tokenurl=away, clientid="c", clientsecret="hunter2", retry="0")
    assert plugin.check({"name": "a", "config": faulty()})[1] == []
    assert worker.requests == []
