"""TLS on a local server: retried failures, final failures, and certificates that are replaced meanwhile."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from pulumi_kafka_connectors.connect import Retry, Unsendable
from pulumi_kafka_connectors.connect.transport import NotSent, ResponseLost, TlsFailed
from tests.support.clients import client_for
from tests.support.clock import FakeClock
from tests.support.names import faulty
from tests.support.worker import FakeWorker, Fault, fake_worker

pytestmark = pytest.mark.timeout(60)

OURS, THEIRS = trustme.CA(), trustme.CA()


def context_of(authority: trustme.CA, *hosts: str, clients: trustme.CA | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*(hosts or ("127.0.0.1",))).configure_cert(context)
    if clients is not None:
        clients.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def pem(authority: trustme.CA) -> str:
    return authority.cert_pem.bytes().decode()


@pytest.fixture
def secured() -> Iterator[FakeWorker]:
    with fake_worker(tls=context_of(OURS)) as worker:
        yield worker


def replaced(file: Path, text: str) -> str:
    """Write the file so that its modification time changes even on a coarse clock."""
    former = file.stat().st_mtime if file.exists() else 0.0
    file.write_text(text)
    os.utime(file, (former + 10, former + 10))
    return str(file)


def test_connections_are_kept_over_tls(secured: FakeWorker) -> None:
    client = client_for(secured.url, ca=pem(OURS))
    for _ in range(3):
        client.connectors()
    assert secured.accepted_connections == 1


@pytest.mark.parametrize("end", ["close", "reset"])
def test_a_connection_that_ends_in_the_handshake_is_tried_again(secured: FakeWorker, end: str) -> None:
    secured.handshakes = [end, end]
    clock = FakeClock()
    client_for(secured.url, clock=clock, ca=pem(OURS)).create("a", faulty())
    assert secured.lines() == ["POST /connectors"]
    assert len(clock.sleeps) == 2


@pytest.mark.parametrize("end", ["close", "reset"])
def test_a_handshake_that_never_succeeds_has_sent_nothing(secured: FakeWorker, end: str) -> None:
    secured.handshakes = [end] * 100
    with pytest.raises(NotSent):
        client_for(secured.url, ca=pem(OURS), retry=Retry(0)).create("a", faulty())


@pytest.mark.parametrize("drip", ["drip-header", "drip-body", "drip-chunk"])
def test_an_answer_that_drips_over_tls_ends(secured: FakeWorker, drip: str) -> None:
    secured.faults = [Fault(".*", close=drip, times=10)]
    with pytest.raises(ResponseLost, match=r"no answer within 0.25 s$"):
        client_for(secured.url, ca=pem(OURS), timeout=0.25, retry=Retry(0)).connectors()


@pytest.mark.parametrize("ca", [None, pem(THEIRS)])
def test_an_unknown_authority_is_final(secured: FakeWorker, ca: str | None) -> None:
    clock = FakeClock()
    with pytest.raises(TlsFailed) as caught:
        client_for(secured.url, clock=clock, ca=ca).connectors()
    reason = "the server's certificate is not trusted (set `ca` to its authority's certificate)"
    assert str(caught.value) == f"{secured.url}: {reason}"
    assert (clock.sleeps, secured.accepted_connections) == ([], 1)


def test_insecure_takes_any_certificate(secured: FakeWorker) -> None:
    assert client_for(secured.url, insecure=True).connectors() == []


def test_a_certificate_for_another_address_is_final() -> None:
    with fake_worker(tls=context_of(OURS, "127.0.0.9")) as worker, pytest.raises(TlsFailed, match=r"a different address$"):
        client_for(worker.url, ca=pem(OURS)).connectors()


def test_a_worker_without_tls_is_final(worker: FakeWorker) -> None:
    clock = FakeClock()
    with pytest.raises(TlsFailed, match=r"does not speak TLS \(is the address http instead of https\?\)$"):
        client_for(worker.url.replace("http", "https"), clock=clock).connectors()
    assert clock.sleeps == []


def test_a_worker_whose_tls_failed_is_excluded_while_others_are_retried(secured: FakeWorker) -> None:
    with fake_worker(tls=context_of(THEIRS)) as other:
        secured.faults = [Fault(".*", close="now", times=2)]
        assert client_for(other.url, secured.url, ca=pem(OURS)).connectors() == []
        assert (other.accepted_connections, len(secured.requests)) == (1, 3)


def test_all_workers_excluded_is_reported_at_once_with_both() -> None:
    clock = FakeClock()
    with fake_worker(tls=context_of(THEIRS)) as one, fake_worker(tls=context_of(THEIRS)) as other:
        with pytest.raises(TlsFailed) as caught:
            client_for(one.url, other.url, clock=clock, ca=pem(OURS)).connectors()
        assert str(caught.value).startswith(
            f"none of the workers {one.url}, {other.url} can be reached; the last error: {other.url}: "
        )
    assert clock.sleeps == []


def test_a_missing_client_certificate_names_the_settings() -> None:
    with fake_worker(tls=context_of(OURS, clients=OURS)) as worker:
        # With TLS 1.3 the alert comes after the handshake, or the end of the connection comes first.
        with pytest.raises(
            TlsFailed, match=r"the server requires a client certificate that it trusts \(set `cert` and `key`\)"
        ):
            client_for(worker.url, ca=pem(OURS), retry=Retry(60)).connectors()
        mine = OURS.issue_cert("client.internal")
        cert = mine.cert_chain_pems[0].bytes().decode()
        client = client_for(worker.url, ca=pem(OURS), cert=cert, key=mine.private_key_pem.bytes().decode())
        assert client.connectors() == []


# Files


def test_a_replaced_file_of_an_authority_is_noticed(tmp_path: Path, secured: FakeWorker) -> None:
    file = tmp_path / "ca.pem"
    client = client_for(secured.url, ca=replaced(file, pem(THEIRS)))
    with pytest.raises(TlsFailed):
        client.connectors()
    replaced(file, pem(OURS))
    assert client.connectors() == []
    replaced(file, pem(THEIRS))
    with pytest.raises(TlsFailed):
        client.connectors()


def test_a_replaced_client_certificate_is_noticed(tmp_path: Path) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"

    def issue(authority: trustme.CA) -> None:
        made = authority.issue_cert("client.internal")
        replaced(cert, made.cert_chain_pems[0].bytes().decode())
        replaced(key, made.private_key_pem.bytes().decode())

    issue(THEIRS)
    with fake_worker(tls=context_of(OURS, clients=OURS)) as worker:
        client = client_for(worker.url, ca=pem(OURS), cert=str(cert), key=str(key), retry=Retry(0))
        with pytest.raises((TlsFailed, ResponseLost)):
            client.connectors()
        issue(OURS)
        assert client.connectors() == []


def test_files_that_stay_as_they_are_keep_their_connections(tmp_path: Path, secured: FakeWorker) -> None:
    client = client_for(secured.url, ca=replaced(tmp_path / "ca.pem", pem(OURS)))
    client.connectors()
    client.connectors()
    assert secured.accepted_connections == 1


def test_a_file_that_is_half_replaced_leaves_the_former_in_use(tmp_path: Path, secured: FakeWorker) -> None:
    file = tmp_path / "ca.pem"
    client = client_for(secured.url, ca=replaced(file, pem(OURS)))
    client.connectors()
    replaced(file, "-----BEG")
    assert client.connectors() == []
    file.unlink()
    assert client.connectors() == []


def test_a_file_that_is_unusable_from_the_start_is_one_error_message(tmp_path: Path, secured: FakeWorker) -> None:
    with pytest.raises(Unsendable, match=r"^ca is neither PEM text nor a readable PEM file of certificates$"):
        client_for(secured.url, ca=str(tmp_path / "none.pem")).connectors()
