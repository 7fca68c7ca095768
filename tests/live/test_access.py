"""Every way of reaching a worker, on real workers with an HTTPS listener and with Connect's basic-auth extension."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pulumi_kafka_connectors.connect import (
    SYSTEM,
    Client,
    ConnectError,
    Retry,
    Settings,
    TokenRefused,
    Unauthorized,
    Unreachable,
)
from sandbox.cluster import Broker, Sandbox, Worker
from tests.support.certificates import Authority
from tests.support.gateway import gateway_to
from tests.support.names import Names, faulty
from tests.support.secured import SECRET, SecuredWorker, start_secured
from tests.support.tokens import token_server


@pytest.fixture(scope="module")
def locked(box: Sandbox, broker: Broker, connectors: Path) -> Iterator[SecuredWorker]:
    """HTTPS with required client certificates, and a password."""
    made = start_secured(box.folder, broker, connectors, "locked", tls="required", password=True)
    yield made
    made.worker.process.stop()


@pytest.fixture(scope="module")
def wanting(box: Sandbox, broker: Broker, connectors: Path) -> Iterator[SecuredWorker]:
    """HTTPS with optional client certificates."""
    made = start_secured(box.folder, broker, connectors, "wanting", tls="requested")
    yield made
    made.worker.process.stop()


@pytest.fixture(scope="module")
def stranger(box: Sandbox) -> Authority:
    """An authority that no worker knows."""
    return Authority(box.folder / "stranger")


def cycle(client: Client) -> None:
    name = Names()("access")
    client.create(name, faulty())
    assert client.config(name)["rate"] == "1"
    client.put_config(name, faulty(rate=2))
    client.delete(name)


def test_text_and_files_give_access_to_a_worker_that_requires_everything(locked: SecuredWorker) -> None:
    cycle(locked.client())
    user = locked.authority.issue("second", "second.internal")
    files = {"ca": str(locked.authority.ca_file), "cert": str(user.cert_file), "key": str(user.key_file)}
    cycle(locked.client(**files))
    both = user.cert_file.with_name("both.pem")
    both.write_text(user.key + user.cert)
    cycle(locked.client(cert=str(both), key=None))


@pytest.mark.parametrize("password", ["wrong", None, "", SECRET.upper(), SECRET + " "])
def test_a_wrong_or_missing_password_is_401(locked: SecuredWorker, password: str | None) -> None:
    with pytest.raises(Unauthorized) as caught:
        locked.client(password=password).connectors()
    assert "user name and password or token are missing or wrong" in str(caught.value)
    with pytest.raises(Unauthorized):
        locked.client(username=None, password=None).connectors()


def test_without_a_client_certificate_the_error_names_the_settings(locked: SecuredWorker, stranger: Authority) -> None:
    with pytest.raises(
        Unreachable, match=r"the server requires a client certificate that it trusts \(set `cert` and `key`\)"
    ):
        locked.client(cert=None, key=None).connectors()
    other = stranger.issue("other", "other.internal")
    with pytest.raises(Unreachable, match="client certificate that it trusts"):
        locked.client(cert=other.cert, key=other.key).connectors()


def test_an_optional_client_certificate_may_be_missing(wanting: SecuredWorker) -> None:
    cycle(wanting.client())
    cycle(wanting.client(cert=None, key=None))


def test_an_unknown_authority_is_reported_at_once_and_insecure_ignores_it(
    wanting: SecuredWorker, stranger: Authority
) -> None:
    for ca in (None, stranger.ca):
        with pytest.raises(Unreachable, match=r"the server's certificate is not trusted \(set `ca`"):
            wanting.client(ca=ca, cert=None, key=None, retry=Retry(seconds=60)).connectors()
    # Without a client certificate, unlike the switch of other providers.
    cycle(wanting.client(ca=None, cert=None, key=None, insecure=True))
    cycle(wanting.client(ca=stranger.ca, insecure=True))


def test_a_certificate_for_another_host_name_is_refused(wanting: SecuredWorker) -> None:
    url = wanting.worker.url.replace("127.0.0.1", "127.0.0.2")
    settings = Settings(urls=(url,), ca=wanting.authority.ca, retry=Retry(seconds=0))
    with pytest.raises(ConnectError, match=r"certificate is for another|127\.0\.0\.2"):
        Client(settings).connectors()
    localhost = wanting.worker.url.replace("127.0.0.1", "localhost")
    cycle(Client(Settings(urls=(localhost,), ca=wanting.authority.ca)))


def test_http_on_an_https_port_and_the_reverse_are_reported(wanting: SecuredWorker, single: Worker) -> None:
    with pytest.raises(ConnectError, match="is it https instead of http"):
        Client(Settings(urls=(wanting.worker.url.replace("https", "http"),), retry=Retry(seconds=0))).connectors()
    with pytest.raises(Unreachable, match=r"does not speak TLS \(is the address http instead of https\?\)"):
        Client(Settings(urls=(single.url.replace("http", "https"),), retry=Retry(seconds=0))).connectors()


def test_no_error_of_any_kind_shows_password_or_key(locked: SecuredWorker, stranger: Authority) -> None:
    other = stranger.issue("third", "third.internal")
    attempts: list[dict[str, Any]] = [
        {"password": "pl4nted-wrong"},
        {"cert": None, "key": None},
        {"cert": other.cert, "key": other.key},
        {"ca": stranger.ca},
        {"token": "pl4nted-token", "username": None, "password": None},
    ]
    for attempt in attempts:
        with pytest.raises(ConnectError) as caught:
            locked.client(retry=Retry(seconds=0), **attempt).connectors()
        assert "pl4nted" not in str(caught.value)
        assert "PRIVATE" not in str(caught.value)
        assert "pl4nted" not in repr(locked.settings(**attempt))


# In front of a worker


def test_a_path_prefix_behind_a_gateway(single: Worker) -> None:
    with gateway_to(single.url, prefix="/teams/data") as gateway:
        cycle(Client(Settings(urls=(gateway.url,))))
        assert gateway.requests[0] == "POST /connectors"


def test_a_gateway_that_requires_a_bearer_token_and_a_header(single: Worker) -> None:
    with gateway_to(single.url, required_headers={"Authorization": "Bearer pl4nted-token", "X-Team": "data"}) as gateway:
        team = (("X-Team", "data"),)
        cycle(Client(Settings(urls=(gateway.url,), token="pl4nted-token", headers=team)))
        wrong: list[dict[str, Any]] = [
            {"token": "pl4nted-other", "headers": team},
            {"token": "pl4nted-token"},
            {"headers": team},
        ]
        for settings in wrong:
            with pytest.raises(Unauthorized) as caught:
                Client(Settings(urls=(gateway.url,), retry=Retry(seconds=0), **settings)).connectors()
            assert "pl4nted" not in str(caught.value)


def test_a_gateway_that_requires_tokens_which_end_after_two_seconds(single: Worker) -> None:
    with token_server(lifetime=2) as tokens, gateway_to(single.url, authorized=tokens.accepts) as gateway:
        client = Client(Settings(urls=(gateway.url,), oauth=tokens.client(scopes=("connect",))))
        until = SYSTEM.now() + 5
        while SYSTEM.now() < until:
            cycle(client)
        assert gateway.rejected == 0
        assert 3 <= len(tokens.issued) <= 6
        wrong = tokens.client(client_secret="pl4nted-wrong")
        with pytest.raises(TokenRefused, match="401 invalid_client") as caught:
            Client(Settings(urls=(gateway.url,), oauth=wrong)).connectors()
        assert "pl4nted" not in str(caught.value)


def test_a_proxy_for_plain_http(single: Worker) -> None:
    with gateway_to(single.url) as proxy:
        cycle(Client(Settings(urls=(single.url,), proxy=proxy.address)))
        assert proxy.requests[0] == "POST /connectors"


def test_a_proxy_for_https_sees_no_request(locked: SecuredWorker) -> None:
    with gateway_to(locked.worker.url) as proxy:
        cycle(locked.client(proxy=proxy.address))
        assert {line.partition(" ")[0] for line in proxy.requests} == {"CONNECT"}


def test_the_proxy_of_the_environment_is_used(single: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    with gateway_to(single.url) as proxy:
        monkeypatch.setenv("http_proxy", proxy.address)
        monkeypatch.setenv("no_proxy", "")
        monkeypatch.delenv("NO_PROXY", raising=False)
        cycle(Client(Settings(urls=(single.url,), headers=(("X-Test", "env"),))))
        assert proxy.requests
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        proxy.requests.clear()
        cycle(Client(Settings(urls=(single.url,), headers=(("X-Test", "none"),))))
        assert proxy.requests == []


def test_a_proxy_that_is_down_is_reported(single: Worker) -> None:
    with gateway_to(single.url) as proxy:
        address = proxy.address
    with pytest.raises(Unreachable, match="the proxy does not respond"):
        Client(Settings(urls=(single.url,), proxy=address, retry=Retry(seconds=0))).connectors()
