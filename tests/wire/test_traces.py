"""Secrets in stack traces: values of the configuration, of references and of a former configuration."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import grpc
import pytest

import pulumi_kafka_connectors as kc
from pulumi_kafka_connectors.cli import main
from pulumi_kafka_connectors.core import connectors
from tests.support.host import Host, forked_host
from tests.support.names import faulty
from tests.support.operations import operation_on
from tests.support.worker import FakeWorker, Fault

REFERENCE = "${file:/run/db:password}"
WITHHELD = f"the trace is withheld, since it may hold what {REFERENCE} stands for: see the worker's log"
PEM = "-----BEGIN PRIVATE KEY-----\nhunter2hunter2hunter2\npl4ntedpl4ntedpl4nted\n-----END PRIVATE KEY-----"


def error_of(call: Any, *args: Any) -> str:
    with pytest.raises(grpc.RpcError) as caught:
        call(*args)
    return str(caught.value.details())


def trace(text: str) -> str:
    return f"org.Oops: {text}\n\tat org.Class.method(Class.java:1)\nCaused by: org.Why: {text}\n\t... 3 more"


def add_failed(worker: FakeWorker, text: str, **config: str) -> None:
    """Add a connector whose task has failed."""
    worker.connectors["a"] = {"config": {**faulty(**config), "name": "a"}, "state": "RUNNING"}
    worker.failing = lambda config: trace(text)


def test_the_value_of_a_reference_is_hidden_if_a_worker_returns_it(worker: FakeWorker, plugin: Host) -> None:
    worker.references = {REFERENCE: "hunter2"}
    worker.failing = lambda config: trace("refused hunter2")
    message = error_of(plugin.create, {"name": "a", "config": faulty(topic=REFERENCE)})
    assert "org.Oops: refused [hidden]" in message


@pytest.mark.parametrize("key", ["pin", "db.password"])
def test_a_trace_is_withheld_if_it_may_contain_a_value_that_no_worker_returns(
    worker: FakeWorker, plugin: Host, key: str
) -> None:
    worker.references = {REFERENCE: "hunter2"}
    worker.failing = lambda config: trace("refused hunter2")
    message = error_of(plugin.create, {"name": "a", "config": {**faulty(), key: REFERENCE}})
    assert f"task 0 failed on 127.0.0.1:8083: {WITHHELD}; connector a was deleted again" in message

    worker.failing = lambda config: trace("refused hunter2") if config["rate"] == "2" else None
    _, outs = plugin.create({"name": "a", "config": {**faulty(), key: REFERENCE}})
    message = error_of(plugin.update, outs, {"name": "a", "config": faulty(rate=2)})
    assert WITHHELD in message


def test_a_trace_is_withheld_if_the_values_of_references_cannot_be_requested(worker: FakeWorker, plugin: Host) -> None:
    worker.failing = lambda config: trace("refused hunter2")
    worker.faults = [Fault("PUT .*/validate", 403, {"error_code": 403, "message": "no"}, times=100)]
    assert WITHHELD in error_of(plugin.create, {"name": "a", "config": faulty(topic=REFERENCE)})


def test_an_error_that_quotes_an_unknown_value_is_reported_without_it(worker: FakeWorker, plugin: Host) -> None:
    message = "Connector configuration is invalid: Invalid value hunter2 for configuration pin: too short"
    worker.faults = [Fault("POST /connectors", 400, {"error_code": 400, "message": message}, times=100)]
    message = error_of(plugin.create, {"name": "a", "config": faulty(pin=REFERENCE)})
    assert "Invalid value [hidden] for configuration pin: too short" in message


def test_the_former_password_of_an_adopted_connector_is_hidden(worker: FakeWorker, plugin: Host) -> None:
    add_failed(worker, "login with hunter2 failed", pin="hunter2", db_password="pl4nted")
    inputs = {"name": "a", "config": faulty(pin="other"), "passwords": ["pin"], "adopt": True}
    assert "login with [hidden] failed" in error_of(plugin.create, inputs)

    # A key that is not declared: the plugin types it as a password.
    add_failed(worker, "login with hunter2 failed", pin="hunter2")
    assert "login with [hidden] failed" in error_of(plugin.create, {"name": "a", "config": faulty(), "adopt": True})


@pytest.mark.parametrize("whole", ["", "redacted"])
def test_warnings_of_a_refresh_contain_no_secrets(worker: FakeWorker, whole: str) -> None:
    add_failed(
        worker, "login with hunter2 failed", **({"topic": "x", "db_password": "hunter2"} if whole else {"pin": REFERENCE})
    )
    with operation_on(worker.url) as operation:
        connectors.read(operation, "a", {"status": "running", "config": faulty()})
        connectors.compare(
            operation, {"name": "a", "config": worker.connectors["a"]["config"], "status": "failed"}, {"name": "a"}
        )
    warnings = " ".join(operation.listener.warnings)
    assert warnings
    assert "hunter2" not in warnings
    assert ("login with [hidden] failed" if whole else WITHHELD) in warnings


@pytest.mark.parametrize(("config", "shown"), [
    ({"pin": "hunter2"}, trace("no [hidden]")),
    ({"db_password": "hunter2"}, trace("no [hidden]")),
    ({"pin": REFERENCE}, WITHHELD),
    ({"topic": REFERENCE}, trace("no [hidden]")),
])  # fmt: skip
def test_lookups_hide_secrets_in_traces(worker: FakeWorker, stack: None, config: dict[str, str], shown: str) -> None:
    worker.references = {REFERENCE: "hunter2"}
    add_failed(worker, "no hunter2", **config)
    assert kc.get_status("a").tasks[0].trace == shown
    status = kc.get_connectors()["a"].status
    assert status is not None
    assert status.tasks[0].trace == shown
    assert "hunter2" not in repr(status)


def test_a_trace_is_withheld_if_the_configuration_cannot_be_read(worker: FakeWorker, stack: None) -> None:
    add_failed(worker, "no hunter2", pin="hunter2")
    worker.faults = [Fault("GET /connectors/a", 403, {"error_code": 403, "message": "no"}, times=9)]
    assert "withheld" in str(kc.get_status("a").tasks[0].trace)


def command(*arguments: str) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        main(arguments)
    return out.getvalue()


@pytest.mark.parametrize("arguments", [(), ("--trace",)])
def test_the_status_command_shows_neither_secrets_nor_control_characters(
    worker: FakeWorker, arguments: tuple[str, ...]
) -> None:
    add_failed(worker, "no hunter2 \x1b[2J\u202e", pin=REFERENCE)
    worker.connectors["\x1b[31mred\u202e"] = worker.connectors.pop("a")
    shown = command("status", "--url", worker.url, *arguments)
    assert WITHHELD in shown
    assert not {"\x1b", "\u202e"} & set(shown)
    assert "hunter2" not in shown
    worker.connectors.clear()
    add_failed(worker, "no hunter2 \x1b[2J\u202e", pin="hunter2")
    shown = command("status", "--url", worker.url, *arguments)
    assert "org.Oops: no [hidden]" in shown
    assert not {"\x1b", "\u202e"} & set(shown)


@pytest.mark.parametrize(("setting", "echoed"), [
    ({"token": "hunter2"}, "Bearer hunter2"),
    ({"username": "u", "password": "hunter2"}, "Basic dTpodW50ZXIy"),
    ({"username": "u", "password": "hunter2"}, "password hunter2"),
    ({"headers": '{"X-Key": "Key hunter2"}'}, "X-Key: Key hunter2"),
])  # fmt: skip
def test_credentials_that_a_gateway_echoes_are_hidden(
    worker: FakeWorker, front_end: str, setting: dict[str, str], echoed: str
) -> None:
    worker.faults = [Fault("POST /connectors", 403, {"error_code": 403, "message": f"denied: {echoed} is bad"}, times=9)]
    with forked_host(front_end=front_end) as plugin:
        plugin.configure(url=worker.url, retry="2", **setting)
        message = error_of(plugin.create, {"name": "a", "config": faulty()})
    assert "denied: " in message
    assert "[hidden]" in message
    assert "dTpodW50ZXIy" not in message


def test_a_multiline_key_is_hidden(worker: FakeWorker, plugin: Host) -> None:
    worker.failing = lambda config: trace(f"cannot parse {config['topic']} at all")
    message = error_of(plugin.create, {"name": "a", "config": faulty(topic=PEM)})
    assert "cannot parse [hidden] at all" in message
    assert "pl4nted" not in message


def test_a_secret_at_the_point_of_truncation_is_hidden_as_a_whole(worker: FakeWorker, plugin: Host) -> None:
    secret = "hunter2-" * 20
    for filler in (430, 1930):
        text = "x " * (filler // 2) + secret
        worker.failing = lambda config, text=text: text  # type: ignore[misc]
        message = error_of(plugin.create, {"name": "a", "config": faulty(pin=secret), "passwords": ["pin"]})
        assert "hunter2" not in message
