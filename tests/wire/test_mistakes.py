"""Unexpected settings, responses and values result in an error message without a traceback or "defect"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from pulumi.dynamic import Config, ConfigureRequest
from pulumi.runtime import set_all_config

import pulumi_kafka_connectors as kc
from pulumi_kafka_connectors.dynamic import ConnectorProvider
from tests.support.host import Host, forked_host
from tests.support.names import faulty
from tests.support.program import registered
from tests.support.worker import FakeWorker, Fault, fake_worker

INPUTS = {"name": "a", "config": faulty()}
HUGE = 10**5000
CONFIG: dict[Any, Any] = dict(faulty())


@pytest.fixture(scope="module")
def worker() -> Iterator[FakeWorker]:
    """One worker and one plugin process for all tests, since starting the process takes longer than all tests together."""
    with fake_worker() as worker:
        yield worker


@pytest.fixture(scope="module")
def process(worker: FakeWorker, front_end: str) -> Iterator[Host]:
    with forked_host(front_end=front_end) as process:
        process.configure(url=worker.url, retry="1", timeout="2")
        yield process


@pytest.fixture
def plugin(worker: FakeWorker, process: Host) -> Iterator[Host]:
    yield process
    worker.faults, worker.failing = [], lambda _config: None
    worker.connectors.clear()


def messages_of(plugin: Host, inputs: dict[str, Any] = INPUTS) -> list[str]:
    """The messages of `check` and `create`."""
    messages = plugin.check(inputs)[1]
    try:
        plugin.create(inputs)
    except grpc.RpcError as error:
        messages.append(str(error.details()))
    assert "defect" not in "".join(messages), messages
    assert "Traceback" not in "".join(messages), messages
    return messages


@pytest.mark.parametrize(("settings", "words"), [
    ({"token": "grün🙂"}, "kafka-connectors:token"),
    ({"token": "a\u0394"}, "kafka-connectors:token"),
    ({"username": "\u0394", "password": "\u0394"}, ""),
    ({"username": "u", "password": "a\nb"}, ""),
    ({"headers": '{"X-A": "\u0394"}'}, "kafka-connectors:headers"),
    ({"headers": '{"\u0394": "a"}'}, "kafka-connectors:headers"),
    ({"headers": '{"X-A": "a\\u0000b"}'}, "kafka-connectors:headers"),
    ({"headers": "["}, "kafka-connectors:headers"),
    ({"headers": '{"X-A": 5}'}, "kafka-connectors:headers"),
    ({"proxy": "http://["}, "kafka-connectors:proxy"),
    ({"proxy": "http://"}, "kafka-connectors:proxy"),
    ({"proxy": "http://a..b:1"}, "kafka-connectors:proxy"),
    ({"proxy": "http://a:99999"}, "kafka-connectors:proxy"),
    ({"proxy": "socks5://a"}, "kafka-connectors:proxy"),
    ({"url": "http://a..b"}, "kafka-connectors:url"),
    ({"url": "http://["}, "kafka-connectors:url"),
    ({"url": "http://a:b"}, "kafka-connectors:url"),
    ({"url": f"http://{'a' * 64}"}, "kafka-connectors:url"),
    ({"url": "http://.a"}, "kafka-connectors:url"),
    ({"url": "http://a:99999"}, "kafka-connectors:url"),
    ({"url": "http://\u0394\u0000"}, "kafka-connectors:url"),
    ({"url": "http://u:hunter2@a:1"}, "kafka-connectors:url"),
    ({"timeout": "1e12"}, "kafka-connectors:timeout"),
    ({"timeout": "1000000000000"}, "kafka-connectors:timeout"),
    ({"timeout": "0"}, "kafka-connectors:timeout"),
    ({"retry": "1e12"}, "kafka-connectors:retry"),
    ({"retry": "nan"}, "kafka-connectors:retry"),
    ({"ca": "\u0000"}, "kafka-connectors:ca"),
    ({"cert": "/nowhere/\u0000"}, "kafka-connectors:cert"),
    ({"insecure": "maybe"}, "kafka-connectors:insecure"),
    ({"password": "hunter2"}, "kafka-connectors:password"),
], ids=lambda value: repr(value)[:40])  # fmt: skip
def test_an_invalid_setting_is_an_error_message(worker: FakeWorker, settings: dict[str, str], words: str) -> None:
    messages = check({"url": worker.url, "retry": "1", **settings})
    assert "defect" not in "".join(messages), messages
    assert any(words in text for text in messages) or not words, messages


def test_a_timeout_of_years_does_not_overflow(worker: FakeWorker) -> None:
    assert check({"url": worker.url, "timeout": "300000000", "retry": "300000000"}) == []


def check(settings: dict[str, str]) -> list[str]:
    """The messages of `check` by a provider with these settings."""
    provider = ConnectorProvider()
    config = {f"kafka-connectors:{key}": value for key, value in settings.items()}
    provider.configure(ConfigureRequest(Config(config, "project")))
    return [failure.reason for failure in provider.check({}, INPUTS).failures]


@pytest.mark.parametrize("location", [
    "http://[", "::", "//", "http://a..b/", "ftp://a", "", "?", "http://a:99999/", "\xff", "http://127.0.0.1:1/%zz", "/\\\\a", "x" * 9000,
], ids=lambda value: repr(value)[:30])  # fmt: skip
@pytest.mark.parametrize("status", [302, 307])
def test_an_invalid_redirect_is_an_error_message(worker: FakeWorker, plugin: Host, location: str, status: int) -> None:
    worker.faults = [Fault("POST /connectors", status, headers={"Location": location}, times=99)]
    assert len(messages_of(plugin)) == 1
    worker.faults = [Fault("GET /connectors/b.*", status, headers={"Location": location}, times=99)]
    with pytest.raises(grpc.RpcError) as caught:
        plugin.read("b", {})
    assert "defect" not in str(caught.value.details())


@pytest.mark.parametrize(("inputs", "words"), [
    ({"config": {**faulty(), "connector.class": ".."}}, "config['connector.class']"),
    ({"config": {**faulty(), "connector.class": "."}}, "config['connector.class']"),
    ({"config": {**faulty(), "connector.class": "a/../b"}}, "config['connector.class']"),
    ({"config": {**CONFIG, 1: "x"}}, "config['1']"),
    ({"config": {**CONFIG, 1.5: "x"}}, "config['1.5']"),
    ({"config": {**CONFIG, None: "x"}}, "config['None']"),
    ({"config": {**CONFIG, True: "x"}}, "config['True']"),
    ({"config": {**CONFIG, ("a", "b"): "x"}}, "config["),
    ({"config": {**faulty(), "huge": HUGE}}, "config['huge']"),
    ({"config": {**faulty(), "huge": -HUGE}}, "config['huge']"),
    ({"config": {**faulty(), "db.password": HUGE}}, "config['db.password']"),
    ({"config": {**faulty(), "\ud800": "x"}}, "config["),
    ({"config": {**faulty(), "x": "\ud800"}}, "config['x']"),
    ({"config": faulty(), "name": "a\ud800"}, "name must"),
    ({"config": faulty(), "name": HUGE}, "name must"),
    ({"config": faulty(), "offsets": [{"partition": {"a": HUGE}, "offset": None}]}, "offsets[0]"),
    ({"config": faulty(), "offsets": [{"partition": {"a": "\ud800"}, "offset": None}]}, "offsets[0]"),
    ({"config": faulty(), "timeouts": {"create": HUGE}}, "timeouts['create']"),
    ({"config": faulty(), "timeouts": {"create": "\ud800"}}, "timeouts['create']"),
    ({"config": faulty(), "state": "\ud800"}, "state must"),
    ({"config": faulty(), "state": HUGE}, "state must"),
    ({"config": faulty(), "sensitive": ["\ud800"]}, ""),
    ({"config": faulty(), "restart": HUGE}, ""),
    ({"config": faulty(), "restart": {"a": [HUGE, "\ud800"]}}, ""),
    ({"config": faulty(), "wait": HUGE}, "wait must"),
    ({"config": faulty(), "validate": HUGE}, "validate must"),
    ({"config": faulty(), "adopt": HUGE}, "adopt "),
    ({"config": faulty(), "settle": HUGE}, "settle"),
], ids=range(28))  # fmt: skip
def test_a_value_that_cannot_be_serialized_is_an_error_message(
    worker: FakeWorker, plugin: Host, inputs: dict[str, Any], words: str
) -> None:
    registered_inputs = registered(lambda: kc.Connector("a", **inputs))
    failures = plugin.check(registered_inputs)[1]
    assert any(text.startswith(words) for text in failures) or (not words and not failures), failures
    assert "defect" not in "".join(failures)
    assert all(text.isprintable() for text in failures)


def test_a_lone_surrogate_in_a_trace_is_replaced(worker: FakeWorker, plugin: Host) -> None:
    worker.failing = lambda config: "org.Oops: a\ud800b\udfffc \x1b[31m\u202e"
    messages = messages_of(plugin)
    assert "org.Oops: a\ufffdb\ufffdc \ufffd[31m\ufffd" in messages[0]


def test_a_lone_surrogate_in_a_configuration_is_no_defect(worker: FakeWorker, plugin: Host) -> None:
    _, outs = plugin.create(INPUTS)
    worker.connectors["a"]["config"]["topic"] = "a\ud800b"
    try:
        plugin.read("a", outs)
    except grpc.RpcError as error:
        assert "defect" not in str(error.details())  # noqa: PT017 - success is allowed too


def test_failures_of_a_check_contain_no_control_characters(worker: FakeWorker, plugin: Host) -> None:
    inputs = {
        "name": "a",
        "config": {**faulty(), "\x1b[31m\u202e ": "x"},
        "timeouts": {"\x1b[2J\u202e": 5},
        "offsets": [{"partition": {"a": 1}, "\x1b[2J\u202e": 5}],
    }
    failures = plugin.check(inputs)[1]
    assert len(failures) == 3
    assert all(text.isprintable() for text in failures), failures


def test_validate_names_a_key_that_is_not_text(worker: FakeWorker) -> None:
    set_all_config({"kafka-connectors:url": worker.url, "kafka-connectors:retry": "1"})
    with pytest.raises(kc.LookupFailed, match=r"config\['1'\]"):
        kc.validate({**faulty(), 1: "x"})  # type: ignore[dict-item]
    with pytest.raises(kc.LookupFailed, match=r"config\['x'\]"):
        kc.validate({**faulty(), "x": HUGE})
    set_all_config({})
