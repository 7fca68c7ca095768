"""What only the plugin has: its own side of the provider protocol."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime import rpc
from pulumi.runtime.proto import plugin_pb2, provider_pb2

from pulumi_kafka_connectors.installation import plugin_version
from pulumi_kafka_connectors.plugin.functions import FUNCTIONS
from pulumi_kafka_connectors.plugin.schema_file import SCHEMA_FILE
from tests.support.engine_server import EngineServer, Message, engine_server
from tests.support.host import PluginHost, forked_plugin, host, plain, remains_of, secret, values_of
from tests.support.names import faulty
from tests.support.waiting import wait_until
from tests.support.worker import FakeWorker, Fault, fake_worker

UNKNOWN = rpc.UNKNOWN
PROVIDER_URN = "urn:pulumi:test::test::pulumi:providers:kafka-connectors::p"
Kind = provider_pb2.PropertyDiff
SCHEMA = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[FakeWorker, PluginHost]]:
    """One worker and one process for all tests that leave the process as it is."""
    with fake_worker() as worker, forked_plugin() as plugin:
        plugin.configure(url=worker.url, retry="2")
        yield worker, plugin


@pytest.fixture
def worker(shared: tuple[FakeWorker, PluginHost]) -> Iterator[FakeWorker]:
    worker, _ = shared
    worker.requests.clear()
    yield worker
    worker.faults, worker.failing = [], lambda _config: None
    worker.start_delay = worker.config_delay = 0.0
    worker.connectors.clear()


@pytest.fixture
def plugin(shared: tuple[FakeWorker, PluginHost], worker: FakeWorker) -> PluginHost:
    return shared[1]


@pytest.fixture
def fresh(worker: FakeWorker) -> Iterator[PluginHost]:
    """A process of its own, for tests that cancel or reconfigure it."""
    with forked_plugin() as plugin:
        plugin.configure(url=worker.url, retry="2")
        yield plugin


@pytest.fixture
def engine() -> Iterator[EngineServer]:
    with engine_server() as engine:
        yield engine


def props(**config: str) -> dict[str, Any]:
    return {"name": "a", "config": faulty(**config)}


def failure_of(call: Callable[..., Any], *arguments: Any, **more: Any) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as caught:
        call(*arguments, **more)
    assert caught.value.code() is grpc.StatusCode.UNKNOWN
    return caught.value


def text_of(call: Callable[..., Any], *arguments: Any, **more: Any) -> str:
    """The text of a failure that leaves nothing on the cluster."""
    error = failure_of(call, *arguments, **more)
    assert remains_of(error) is None
    return str(error.details())


# The provider


def test_a_handshake_accepts_secrets(plugin: PluginHost) -> None:
    response = plugin.stub.Handshake(provider_pb2.ProviderHandshakeRequest())
    assert response.accept_secrets
    assert not response.accept_resources


def test_configure_accepts_secrets_and_supports_previews(fresh: PluginHost, worker: FakeWorker) -> None:
    response = fresh.stub.Configure(provider_pb2.ConfigureRequest(args=fresh.struct({"url": worker.url})))
    assert response.acceptSecrets
    assert response.supportsPreview


def test_the_version_is_that_of_the_package(plugin: PluginHost) -> None:
    assert plugin.stub.GetPluginInfo(Empty()).version == plugin_version()


def test_the_schema_is_the_stored_one(plugin: PluginHost) -> None:
    response = plugin.stub.GetSchema(provider_pb2.GetSchemaRequest())
    assert json.loads(response.schema) == SCHEMA


@pytest.mark.parametrize(("settings", "expected"), [
    ({}, ""),
    ({"url": "http://connect:8083"}, ""),
    ({"url": UNKNOWN}, ""),
    ({"url": "http://connect:8083", "username": UNKNOWN, "password": secret("hunter2")}, ""),
    ({"password": secret("hunter2")}, ""),  # the user name and the address may come from elsewhere
    ({"url": "ftp://connect"}, "setting kafka-connectors:url is not an http or https address such as http://connect-1:8083"),
    ({"url": secret("http://u:hunter2@connect:8083")},
     "setting kafka-connectors:url holds a login: use kafka-connectors:username and kafka-connectors:password"),
    ({"url": "http://connect:8083", "password": secret("hunter2")},
     "setting kafka-connectors:password is set without kafka-connectors:username"),
    ({"url": "http://connect:8083", "token": secret("hunter2\n")},
     "setting kafka-connectors:token holds a line break or another control character"),
    ({"url": "http://connect:8083", "headers": secret({"X-Key": ["hunter2"]})},
     "setting kafka-connectors:headers must be a map of header names to text"),
    ({"url": "http://connect:8083", "retry": "hunter2"},
     "setting kafka-connectors:retry: give seconds, or text such as 90s, 5m or 1h30m"),
    ({"adopt": "hunter2"}, 'setting kafka-connectors:adopt must be False, "same" or True'),
    ({"settle": "soon"}, "setting kafka-connectors:settle: give seconds, or text such as 90s, 5m or 1h30m"),
    ({"kafka": secret({"bootstrap.servers": ["hunter2"]})},
     "setting kafka-connectors:kafka: bootstrap.servers must be text"),
], ids=range(14))  # fmt: skip
def test_a_bad_setting_is_reported_once_and_a_missing_address_is_none(
    plugin: PluginHost, worker: FakeWorker, settings: dict[str, Any], expected: str
) -> None:
    assert plugin.check_config(**settings) == ([expected] if expected else [])
    assert worker.requests == []


@pytest.mark.parametrize(("name", "value"), [
    ("password", "hunter2"),
    ("proxy", "http://user:hunter2@proxy:3128"),
    ("cert", "-----BEGIN EC PRIVATE KEY-----\nhunter2\n-----END EC PRIVATE KEY-----\n"),
    ("url", ["http://connect-1:8083", "http://user:hunter2@connect:8083"]),
])  # fmt: skip
def test_settings_that_hold_a_secret_are_returned_as_secrets(plugin: PluginHost, name: str, value: Any) -> None:
    news = plugin.struct({"username": "u", name: value})
    response = plugin.stub.CheckConfig(provider_pb2.CheckRequest(urn=PROVIDER_URN, news=news))
    assert response.inputs == plugin.struct({"username": "u", name: secret(value)})


def test_checked_settings_are_returned_as_they_are(plugin: PluginHost) -> None:
    news = plugin.struct({"url": "http://connect:8083", "username": "u", "password": secret("hunter2"), "proxy": UNKNOWN})
    response = plugin.stub.CheckConfig(provider_pb2.CheckRequest(urn=PROVIDER_URN, news=news))
    assert response.inputs == news


def test_secret_settings_are_marked_by_the_check(plugin: PluginHost) -> None:
    news = plugin.struct({"url": "http://connect:8083", "username": "u", "password": "hunter2", "key": secret(UNKNOWN)})
    response = plugin.stub.CheckConfig(provider_pb2.CheckRequest(urn=PROVIDER_URN, news=news))
    expected = {"password": secret("hunter2"), "key": secret(UNKNOWN)}
    assert values_of(response.inputs) == {"url": "http://connect:8083", "username": "u", **expected}


@pytest.mark.parametrize(("olds", "news", "differing"), [
    ({"url": "http://a"}, {"url": "http://a"}, []),
    ({"url": "http://a"}, {"url": "http://b"}, ["url"]),
    ({"url": "http://a"}, {"url": UNKNOWN}, ["url"]),
    ({"password": "hunter2"}, {"password": secret("hunter2")}, []),
    ({"password": secret("hunter2"), "username": "u"}, {"token": secret("pl4nted")}, ["password", "token", "username"]),
    ({"version": "0.1.0"}, {"version": "0.2.0"}, []),
])  # fmt: skip
def test_other_settings_never_replace_the_provider(
    plugin: PluginHost, olds: dict[str, Any], news: dict[str, Any], differing: list[str]
) -> None:
    request = provider_pb2.DiffRequest(id="p", urn=PROVIDER_URN, olds=plugin.struct(olds), news=plugin.struct(news))
    response = plugin.stub.DiffConfig(request)
    assert response.changes == (response.DIFF_SOME if differing else response.DIFF_NONE)
    assert list(response.diffs) == differing
    assert (list(response.replaces), response.deleteBeforeReplace) == ([], False)


# Check and diff


@pytest.mark.parametrize("name", ["orders", "eu::orders", "a b", "ü"])
def test_the_name_of_the_resource_is_the_default_of_the_connectors_name(
    plugin: PluginHost, worker: FakeWorker, name: str
) -> None:
    request = provider_pb2.CheckRequest(
        urn=f"urn:pulumi:test::test::my:Group$kafka-connectors:index:Connector::{name}",
        news=plugin.struct({"config": faulty()}),
    )
    response = plugin.stub.Check(request)
    assert list(response.failures) == []
    assert values_of(response.inputs)["name"] == name


def test_a_name_that_is_not_known_yet_is_not_replaced_by_the_default(plugin: PluginHost, worker: FakeWorker) -> None:
    assert plugin.check({"name": UNKNOWN, "config": faulty()})[0]["name"] == UNKNOWN


def test_failures_of_a_check_name_no_property(plugin: PluginHost, worker: FakeWorker) -> None:
    news = {"name": "a/b", "config": {**faulty(), "db.password": secret({"a": "hunter2"})}, "state": secret("hunter2")}
    response = plugin.stub.Check(provider_pb2.CheckRequest(urn=plugin.urn, news=plugin.struct(news)))
    assert {failure.property for failure in response.failures} == {""}
    assert [failure.reason.split()[0] for failure in response.failures] == ["name", "config['db.password']:", "state"]


def test_values_that_arrive_as_secrets_stay_secrets(plugin: PluginHost, worker: FakeWorker) -> None:
    given = {"name": "a", "config": {**faulty(), "topic": secret("hunter2")}}
    inputs, failures = plugin.check(given)
    assert failures == []
    assert inputs["config"]["topic"] == secret("hunter2")
    _, outs = plugin.create(inputs)
    assert outs["config"] == inputs["config"]
    worker.connectors["a"]["config"]["topic"] = "hunter2-changed"
    _, outs, drifted = plugin.read("a", outs)
    assert outs["config"]["topic"] == drifted["config"]["topic"] == secret("hunter2-changed")
    outs = plugin.update(outs, inputs)
    assert outs["config"] == inputs["config"]


@pytest.mark.parametrize(("key", "first", "second"), [
    ("restart", "hunter2", "pl4nted"),
    ("offsets", [{"partition": {"filename": "a"}, "offset": {"position": 1}}],
     [{"partition": {"filename": "a"}, "offset": {"position": 2}}]),
])  # fmt: skip
def test_an_input_that_is_secret_as_a_whole_stays_a_secret(
    plugin: PluginHost, worker: FakeWorker, key: str, first: Any, second: Any
) -> None:
    given: dict[str, Any] = {"name": "a", "config": faulty(), key: secret(first)}
    inputs, failures = plugin.check(given)
    assert (inputs[key], failures) == (secret(first), [])
    _, outs = plugin.create(inputs)
    assert outs[key] == secret(first)
    _, outs, _ = plugin.read("a", outs)
    assert outs[key] == secret(first)
    assert plugin.update(outs, {**given, key: secret(second)})[key] == secret(second)


def test_a_configuration_that_is_secret_as_a_whole_is_secret_key_by_key(plugin: PluginHost, worker: FakeWorker) -> None:
    inputs, failures = plugin.check({"name": "a", "config": secret(faulty())})
    assert failures == []
    assert inputs["config"] == {key: secret(value) for key, value in faulty().items()}
    _, outs = plugin.create(inputs)
    assert outs["config"] == inputs["config"]


@pytest.mark.parametrize(("change", "expected"), [
    ({}, {}),
    ({"config": {"rate": "2"}}, {"config.rate": Kind.UPDATE}),
    ({"config": {"rate": secret("2")}}, {"config.rate": Kind.UPDATE}),
    ({"config": {"rate": UNKNOWN}}, {"config.rate": Kind.UPDATE}),
    ({"config": {"rate": 1.0}}, {}),
    ({"config": {"tasks.max": "2"}}, {'config["tasks.max"]': Kind.UPDATE}),
    ({"config": {"topic": "t"}}, {"config.topic": Kind.ADD}),
    ({"config": {'a"b\\c d': "t"}}, {'config["a\\"b\\\\c d"]': Kind.ADD}),
    ({"config": {"rate": None}}, {"config.rate": Kind.DELETE}),
    ({"config": {"rate": "2", "topic": "t", "tasks.max": None}},
     {"config.rate": Kind.UPDATE, "config.topic": Kind.ADD, 'config["tasks.max"]': Kind.DELETE}),
    ({"config": {"connector.class": "testing.IdleSink"}}, {'config["connector.class"]': Kind.UPDATE_REPLACE}),
    ({"config": {"connector.class": "testing.IdleSink", "rate": "2"}},
     {'config["connector.class"]': Kind.UPDATE_REPLACE, "config.rate": Kind.UPDATE}),
    ({"config": {"connector.class": "FaultySource"}}, {'config["connector.class"]': Kind.UPDATE}),
    ({"name": "b"}, {"name": Kind.UPDATE_REPLACE}),
    ({"name": UNKNOWN}, {"name": Kind.UPDATE_REPLACE}),
    ({"state": "paused"}, {"state": Kind.ADD}),
    ({"sensitive": ["rate"]}, {"sensitive": Kind.ADD}),
    ({"wait": True, "validate": "error", "timeouts": {}}, {}),
    ({"wait": False}, {"wait": Kind.ADD}),
], ids=range(19))  # fmt: skip
def test_a_diff_names_every_key_that_differs(
    plugin: PluginHost, worker: FakeWorker, change: dict[str, Any], expected: dict[str, int]
) -> None:
    olds = {**props(), "status": "running", "tasks": [{"id": 0, "state": "running"}], "type": "source"}
    news = {**props(), **change, "config": {**faulty(), **change.get("config", {})}}
    response = plugin.diff(olds, news)
    assert {path: entry.kind for path, entry in response.detailedDiff.items()} == expected
    assert all(entry.inputDiff for entry in response.detailedDiff.values())
    assert response.hasDetailedDiff is bool(expected)
    assert response.changes == (response.DIFF_SOME if expected else response.DIFF_NONE)
    assert list(response.diffs) == sorted({path.partition(".")[0].partition("[")[0] for path in expected})
    replaced = [path for path, kind in expected.items() if kind == Kind.UPDATE_REPLACE]
    assert list(response.replaces) == [path.partition("[")[0] for path in replaced]
    assert response.deleteBeforeReplace is bool(replaced)
    assert worker.requests == []


def test_a_connector_that_failed_is_updated_although_nothing_differs(plugin: PluginHost, worker: FakeWorker) -> None:
    response = plugin.diff({**props(), "status": "failed"}, props())
    assert (response.changes, list(response.diffs), response.hasDetailedDiff) == (response.DIFF_SOME, [], False)


def test_a_topic_without_a_configuration_has_an_empty_one(plugin: PluginHost) -> None:
    urn = "urn:pulumi:test::test::kafka-connectors:index:Topic::t"
    news = {"name": UNKNOWN, "partitions": 1, "replication_factor": 1}
    response = plugin.stub.Check(provider_pb2.CheckRequest(urn=urn, news=plugin.struct(news)))
    assert values_of(response.inputs) == {**news, "config": {}}


# Previews


def test_the_preview_of_a_create_answers_what_is_known_and_writes_nothing(plugin: PluginHost, worker: FakeWorker) -> None:
    given = {"name": "a", "config": {**faulty(), "topic": UNKNOWN, "db.password": secret("hunter2")}}
    inputs, failures = plugin.check(given)
    assert failures == []
    worker.requests.clear()
    id_, outs = plugin.create(inputs, preview=True)
    assert id_ == ""
    assert outs == {**inputs, **dict.fromkeys(("status", "type", "tasks", "cluster", "version"), UNKNOWN)}
    assert worker.requests == []


@pytest.mark.parametrize(("change", "unknown"), [
    ({"wait": False}, set()),  # of how operations work, so that nothing happens
    ({"config": faulty(rate=2)}, {"status", "tasks", "version"}),
    ({"state": "paused"}, {"status", "tasks", "version"}),
])  # fmt: skip
def test_the_preview_of_an_update_keeps_what_will_not_change(
    plugin: PluginHost, worker: FakeWorker, change: dict[str, Any], unknown: set[str]
) -> None:
    inputs, _ = plugin.check(props())
    _, outs = plugin.create(inputs)
    news, failures = plugin.check({**props(), **change}, inputs)
    assert failures == []
    worker.requests.clear()
    expected = {**outs, **news, **dict.fromkeys(unknown, UNKNOWN)}
    assert plugin.update(outs, news, preview=True) == expected
    assert worker.requests == []


def test_the_preview_of_a_topic_answers_what_is_known(plugin: PluginHost) -> None:
    urn = "urn:pulumi:test::test::kafka-connectors:index:Topic::t"
    given = {"name": "t", "partitions": 1, "replication_factor": 1, "config": {"password": secret("hunter2")}}
    response = plugin.stub.Create(provider_pb2.CreateRequest(urn=urn, properties=plugin.struct(given), preview=True))
    assert values_of(response.properties) == {**given, "cluster": UNKNOWN, "brokers": UNKNOWN}


# Partial failure


def test_what_a_failed_create_leaves_is_recorded(plugin: PluginHost, worker: FakeWorker) -> None:
    worker.failing = lambda config: f"org.Oops: no {config['db.password']}"
    inputs, _ = plugin.check({**props(db_password="hunter2"), "rollback": False})
    error = failure_of(plugin.create, inputs)
    text = "connector a: task 0 failed on 127.0.0.1:8083: org.Oops: no [hidden]"
    assert error.details() == text
    remains = remains_of(error)
    assert remains is not None
    assert (remains.id, list(remains.reasons)) == ("a", [text])
    assert values_of(remains.inputs) == inputs
    assert values_of(remains.properties) == {
        **inputs,
        "status": "failed",
        "type": "source",
        "tasks": [{"id": 0, "state": "failed"}],
        "version": "7.1",
        "cluster": "k",
        "workers": [worker.url],
    }
    assert inputs["config"]["db.password"] == secret("hunter2")
    assert "a" in worker.connectors

    # The state holds these; the next run mends what failed.
    outs = values_of(remains.properties)
    assert plugin.diff(outs, inputs).changes == plugin.changed
    worker.failing = lambda _config: None
    assert plugin.update(outs, inputs)["tasks"] == [{"id": 0, "state": "running"}]


def test_what_a_failed_create_leaves_may_be_large(plugin: PluginHost, worker: FakeWorker) -> None:
    worker.failing = lambda _config: "org.Oops: no"
    given = {**props(topic="x" * 50_000), "rollback": False}
    remains = remains_of(failure_of(plugin.create, given))
    assert remains is not None
    assert values_of(remains.inputs) == given


def test_nothing_is_recorded_where_a_failed_create_was_undone(plugin: PluginHost, worker: FakeWorker) -> None:
    worker.failing = lambda _config: "org.Oops: no"
    text = text_of(plugin.create, props())
    assert text == "connector a: task 0 failed on 127.0.0.1:8083: org.Oops: no; connector a was deleted again"
    assert worker.connectors == {}


def test_what_a_failed_update_leaves_is_recorded(plugin: PluginHost, worker: FakeWorker) -> None:
    _, outs = plugin.create(props())
    worker.failing = lambda config: "org.Oops: no" if config["rate"] == "2" else None
    error = failure_of(plugin.update, outs, {**props(rate="2"), "rollback": False})
    remains = remains_of(error)
    assert remains is not None
    assert remains.id == "a"
    assert values_of(remains.inputs) == {**props(rate="2"), "rollback": False}
    assert values_of(remains.properties)["tasks"] == [{"id": 0, "state": "failed"}]


# Time and interruption


def running(call: Callable[..., Any], *arguments: Any, **more: Any) -> tuple[threading.Thread, list[Any]]:
    """A call in the background, and its result: what it returns or raises."""
    result: list[Any] = []

    def run() -> None:
        try:
            result.append(call(*arguments, **more))
        except grpc.RpcError as error:
            result.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, result


def cancelled(plugin: PluginHost, thread: threading.Thread, result: list[Any]) -> grpc.RpcError:
    """Cancel while a call waits; it ends within two seconds."""
    began = time.monotonic()
    plugin.cancel()
    thread.join(10)
    assert time.monotonic() - began < 2
    (error,) = result
    assert isinstance(error, grpc.RpcError), error
    return error


@pytest.mark.parametrize("rollback", [True, False])
def test_cancel_ends_the_wait_of_a_create_which_is_recorded(fresh: PluginHost, worker: FakeWorker, rollback: bool) -> None:
    worker.start_delay = 60
    inputs, _ = fresh.check({**props(db_password="hunter2"), **({} if rollback else {"rollback": False})})
    thread, result = running(fresh.create, inputs)
    wait_until(lambda: "GET /connectors/a/status" in worker.lines() and bool(worker.writes()))
    error = cancelled(fresh, thread, result)
    remains = remains_of(error)
    assert "the run was interrupted" in str(error.details())
    assert remains is not None
    assert (remains.id, list(remains.reasons)) == ("a", [error.details()])
    assert values_of(remains.inputs) == inputs
    assert values_of(remains.properties)["tasks"] == [{"id": 0, "state": "unassigned"}]
    assert worker.writes() == ["POST /connectors"]


def test_cancel_ends_the_wait_of_an_update_which_is_recorded(fresh: PluginHost, worker: FakeWorker) -> None:
    _, outs = fresh.create(props())
    worker.config_delay = 60
    worker.requests.clear()
    news = props(rate="2")
    thread, result = running(fresh.update, outs, news)
    wait_until(lambda: bool(worker.writes()))
    time.sleep(0.5)
    error = cancelled(fresh, thread, result)
    remains = remains_of(error)
    assert "the run was interrupted" in str(error.details())
    assert remains is not None
    assert remains.id == "a"
    assert values_of(remains.inputs) == news
    assert values_of(remains.properties)["config"] == news["config"]
    assert worker.writes() == ["PUT /connectors/a/config"]


def test_cancel_ends_the_wait_of_a_delete(fresh: PluginHost, worker: FakeWorker) -> None:
    _, outs = fresh.create(props())
    worker.faults = [Fault("DELETE .*", 204, b"", times=99)]  # accepted, and not done
    thread, result = running(fresh.delete, "a", outs)
    wait_until(lambda: bool(worker.writes()))
    time.sleep(0.5)
    assert "the run was interrupted" in str(cancelled(fresh, thread, result).details())


def test_cancel_ends_every_wait_at_once(fresh: PluginHost, worker: FakeWorker) -> None:
    worker.start_delay = 60
    calls = [running(fresh.create, {"name": f"c{number}", "config": faulty()}) for number in range(8)]
    wait_until(lambda: len(worker.connectors) == 8)
    began = time.monotonic()
    fresh.cancel()
    for thread, _ in calls:
        thread.join(10)
    assert time.monotonic() - began < 3
    assert sorted(remains.id for _, (error,) in calls if (remains := remains_of(error))) == sorted(worker.connectors)


@pytest.mark.parametrize(
    ("timeouts", "create", "update", "requested"),
    [({}, 1, 1, 1), pytest.param({"timeouts": {"create": 2, "update": 1}}, 2, 1, 30, marks=pytest.mark.slow)],
)
def test_the_time_of_the_request_counts_unless_the_resource_has_its_own(
    plugin: PluginHost, worker: FakeWorker, timeouts: dict[str, Any], create: int, update: int, requested: int
) -> None:
    worker.start_delay = 60
    given = {**props(), "rollback": False, **timeouts}
    began = time.monotonic()
    error = failure_of(plugin.create, given, timeout=1)
    assert f"not ready after {create} s" in str(error.details())
    assert create - 0.5 < time.monotonic() - began < create + 1.5
    outs = values_of(remains_of(error).properties)  # type: ignore[union-attr]
    error = failure_of(plugin.update, outs, {**given, "config": faulty(rate=2)}, timeout=requested)
    assert f"not ready after {update} s" in str(error.details())


def test_the_time_of_the_request_counts_for_a_delete(plugin: PluginHost, worker: FakeWorker) -> None:
    _, outs = plugin.create(props())
    worker.faults = [Fault("DELETE .*", 204, b"", times=99)]
    assert "not ready after 1 s" in text_of(plugin.delete, "a", outs, timeout=1)


def test_64_operations_run_at_once(plugin: PluginHost, worker: FakeWorker) -> None:
    inputs, _ = plugin.check({**props(), "wait": False})
    # The worker is blocked meanwhile, so that all requests arrive even on a slow machine.
    with worker.group.lock:
        calls = [running(plugin.create, {**inputs, "name": f"c{number}"}) for number in range(64)]
        wait_until(lambda: worker.active >= 64)
    for thread, _ in calls:
        thread.join()
    assert len(worker.connectors) == 64


# Read


def test_a_read_for_an_import_knows_the_id_alone(plugin: PluginHost, worker: FakeWorker) -> None:
    worker.connectors["a"] = {"config": {**faulty(pin="hunter2"), "name": "a"}, "state": "PAUSED"}
    id_, outs, inputs = plugin.read("a", {})
    assert id_ == "a"
    assert inputs == {
        "name": "a",
        "config": {**faulty(), "pin": secret("hunter2")},
        "passwords": ["pin"],
    }
    assert outs == {
        **inputs,
        "status": "paused",
        "type": "source",
        "version": "7.1",
        "cluster": "k",
        "workers": [worker.url],
        "tasks": [{"id": 0, "state": "paused"}],
    }
    checked, failures = plugin.check({"name": "a", "config": faulty(pin="hunter2")}, inputs)
    assert failures == []
    assert plugin.diff(outs, checked).changes == provider_pb2.DiffResponse.DIFF_NONE


def test_a_missing_connector_is_an_error_for_an_import_and_gone_for_a_refresh(fresh: PluginHost, worker: FakeWorker) -> None:
    assert text_of(fresh.read, "a", {}) == f"connector a does not exist on {worker.url}"
    assert fresh.read("a", {**props(), "status": "running"}) == ("", {}, {})


# Functions

ARGUMENTS: dict[str, dict[str, Any]] = {
    "getConnector": {"name": "a"},
    "getStatus": {"name": "a"},
    "getTasks": {"name": "a"},
    "getTopics": {"name": "a"},
    "getOffsets": {"name": "a"},
    "getPlugin": {"plugin": "testing.FaultySource"},
    "validate": {"config": faulty(rate="x")},
}


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """A type of the schema, with a reference to another one followed."""
    target = schema.get("$ref", "")
    found: dict[str, Any] = SCHEMA["types"][target.removeprefix("#/types/")] if target.startswith("#/types/") else schema
    return found


def mismatches(value: Any, schema: dict[str, Any], where: str) -> Iterator[str]:
    """Where a value is not as its schema says."""
    schema = resolved(schema)
    kind = schema.get("type")
    if kind is None:
        return
    expected: dict[str, Any] = {
        "object": dict,
        "array": list,
        "string": str,
        "boolean": bool,
        "number": float,
        "integer": float,
    }
    if not isinstance(value, expected[kind]):
        yield f"{where}: {value!r} is no {kind}"
    elif kind == "array":
        for number, item in enumerate(value):
            yield from mismatches(item, schema["items"], f"{where}[{number}]")
    elif kind == "object" and "properties" in schema:
        yield from (f"{where}.{name} is missing" for name in set(schema.get("required", [])) - value.keys())
        yield from (f"{where}.{name} is not in the schema" for name in value.keys() - schema["properties"].keys())
        for name in value.keys() & schema["properties"].keys():
            # What may be missing may also be null.
            if value[name] is not None or name in schema.get("required", []):
                yield from mismatches(value[name], schema["properties"][name], f"{where}.{name}")
    elif kind == "object":
        for name, item in value.items():
            yield from mismatches(item, schema["additionalProperties"], f"{where}.{name}")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_answers_as_the_schema_says(plugin: PluginHost, worker: FakeWorker, name: str) -> None:
    worker.connectors["a"] = {"config": {**faulty(pin="hunter2"), "name": "a"}, "state": "RUNNING", "broken": "org.Oops: x"}
    worker.group.offsets["a"] = [{"partition": {"p": "1"}, "offset": {"o": 1}}]
    answer = plugin.invoke(name, **ARGUMENTS.get(name, {}))
    assert list(mismatches(plain(answer), SCHEMA["functions"][f"kafka-connectors:index:{name}"]["outputs"], name)) == []
    assert "hunter2" not in str(answer)
    assert worker.writes() == []


def test_functions_answer_what_the_worker_says(plugin: PluginHost, worker: FakeWorker) -> None:
    worker.connectors["a"] = {"config": {**faulty(pin="hunter2"), "name": "a"}, "state": "RUNNING"}
    worker.group.offsets["a"] = [{"partition": {"p": "1"}, "offset": {"o": 1}}]
    config = {**faulty(), "name": "a"}
    assert plugin.invoke("getWorker") == {"version": "4.3.0", "commit": "c", "kafkaClusterId": "k"}
    shown = plugin.invoke("getConnector", name="a")
    assert (shown["name"], shown["type"], shown["config"]) == ("a", "source", {**config, "pin": "[hidden]"})
    revealed = plugin.invoke("getConnector", name="a", secrets=True)["config"]
    assert plain(revealed) == {**config, "pin": "hunter2"}
    assert revealed["pin"] == secret("hunter2")
    assert plugin.invoke("getConnectors")["connectors"]["a"]["status"]["tasks"][0]["state"] == "RUNNING"
    assert plugin.invoke("getOffsets", name="a") == {"offsets": [{"partition": {"p": "1"}, "offset": {"o": 1}}]}
    assert plugin.invoke("getTopics", name="a") == {"topics": []}
    assert plugin.invoke("validate", config=faulty(rate="x"))["problems"] == [
        "config['rate']: Invalid value x for configuration rate: Not a number of type INT"
    ]
    assert plugin.invoke("validate", config=faulty(), name="b") == {"problems": []}


def test_validate_hides_values_that_arrive_as_secrets(plugin: PluginHost, worker: FakeWorker) -> None:
    problems = plugin.invoke("validate", config={**faulty(), "rate": secret("hunter2")})["problems"]
    assert problems == ["config['rate']: Invalid value [hidden] for configuration rate: Not a number of type INT"]


@pytest.mark.parametrize(("name", "arguments", "expected"), [
    ("getStatus", {}, "getStatus: name must be text"),
    ("getStatus", {"name": 5}, "getStatus: name must be text"),
    ("getStatus", {"name": UNKNOWN}, "getStatus: name is not known yet"),
    ("getStatus", {"name": secret(["hunter2"])}, "getStatus: name must be text"),
    ("getStatus", {"name": "b"}, "No status found for connector b"),
    ("getConnector", {"name": "b"}, "Connector b not found"),
    ("getConnector", {"name": "b", "secrets": "yes"}, "getConnector: secrets must be a boolean"),
    ("getPlugin", {}, "getPlugin: plugin must be text"),
    ("validate", {}, "validate: config must be a map"),
    ("validate", {"config": "hunter2"}, "validate: config must be a map"),
    ("validate", {"config": {"pin": "hunter2"}}, "config must be a map of configuration keys to values, with connector.class"),
    ("validate", {"config": {**faulty(), "pin": UNKNOWN}}, "validate: config is not known yet"),
    ("getNothing", {}, f"there is no function 'getNothing': there are {', '.join(FUNCTIONS)}"),
    ("", {}, "there is no function '': there are "),
    ("a\nb\x1b", {}, "there is no function 'a\\nb\\x1b': there are "),
], ids=range(15))  # fmt: skip
def test_a_wrong_call_of_a_function_is_one_sentence(
    plugin: PluginHost, worker: FakeWorker, name: str, arguments: dict[str, Any], expected: str
) -> None:
    text = text_of(plugin.invoke, name, **arguments)
    assert expected in text
    assert "\n" not in text
    assert "defect" not in text


# Unknown types


@pytest.mark.parametrize("method", ["Check", "Diff", "Create", "Read", "Update", "Delete"])
@pytest.mark.parametrize("urn", ["", "urn:pulumi:test::test::kafka-connectors:index:Queue::a"])
def test_an_unknown_resource_type_is_one_sentence(plugin: PluginHost, method: str, urn: str) -> None:
    requests = {
        "Check": provider_pb2.CheckRequest,
        "Diff": provider_pb2.DiffRequest,
        "Create": provider_pb2.CreateRequest,
        "Read": provider_pb2.ReadRequest,
        "Update": provider_pb2.UpdateRequest,
        "Delete": provider_pb2.DeleteRequest,
    }
    type_ = "kafka-connectors:index:Queue" if urn else ""
    there = "kafka-connectors:index:Connector, kafka-connectors:index:Topic"
    text = text_of(getattr(plugin.stub, method), requests[method](urn=urn))
    assert text == f"there is no resource type {type_!r}: there are {there}"


# Messages


def failed_connector(worker: FakeWorker) -> None:
    worker.connectors["a"] = {"config": {**faulty(pin="hunter2"), "name": "a"}, "state": "RUNNING"}
    worker.connectors["a"]["broken"] = "org.Oops: no hunter2"


def test_warnings_reach_the_engine_with_the_urn(worker: FakeWorker, engine: EngineServer) -> None:
    failed_connector(worker)
    with forked_plugin(engine=engine.address) as plugin:
        plugin.configure(url=worker.url)
        plugin.read("a", {})
        text = "connector a: task 0 failed on 127.0.0.1:8083: org.Oops: no [hidden]"
        assert engine.messages == [Message("WARNING", text, plugin.urn, ephemeral=False)]


@pytest.mark.slow
def test_progress_is_ephemeral(worker: FakeWorker, engine: EngineServer) -> None:
    worker.start_delay = 2.3
    with forked_plugin(engine=engine.address) as plugin:
        plugin.configure(url=worker.url)
        plugin.create(props())
        assert engine.messages == [Message("INFO", "0 of 1 tasks running (1 unassigned)", plugin.urn, ephemeral=True)]


@pytest.mark.parametrize("how", ["Attach", "Handshake"])
def test_messages_go_to_the_engine_that_attached_last(
    fresh: PluginHost, worker: FakeWorker, engine: EngineServer, how: str
) -> None:
    if how == "Attach":
        fresh.stub.Attach(plugin_pb2.PluginAttach(address=engine.address))
    else:
        fresh.stub.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address=engine.address))
    failed_connector(worker)
    fresh.read("a", {})
    assert [message.severity for message in engine.messages] == ["WARNING"]


def test_an_engine_that_is_gone_is_no_failure(worker: FakeWorker) -> None:
    failed_connector(worker)
    with forked_plugin(engine="127.0.0.1:1") as plugin:
        plugin.configure(url=worker.url)
        assert plugin.read("a", {})[0] == "a"


# The process


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_process_ends_when_its_parent_is_killed(engine: EngineServer) -> None:
    start = (
        "import subprocess, sys\n"
        f"plugin = subprocess.Popen([sys.executable, '-m', 'pulumi_kafka_connectors.plugin', '{engine.address}'],"
        " stdout=subprocess.PIPE, text=True)\n"
        "print(plugin.pid, plugin.stdout.readline().strip(), flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen([sys.executable, "-c", start], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline().split()[0])
        assert is_running(pid)
        parent.kill()
    wait_until(lambda: not is_running(pid), "the plugin outlives its parent", seconds=4)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("busy", [False, True])
def test_the_engine_ends_the_process_by_a_signal(
    fresh: PluginHost, worker: FakeWorker, number: signal.Signals, busy: bool
) -> None:
    if busy:
        worker.start_delay = 60
        thread, _ = running(fresh.create, props())
        wait_until(lambda: bool(worker.writes()))
    os.kill(fresh.pid, number)
    wait_until(lambda: not is_running(fresh.pid), "the signal is ignored", seconds=4)
    if busy:
        thread.join()


def test_the_process_imports_neither_the_whole_sdk_nor_pydantic_before_it_needs_them() -> None:
    program = (
        "import sys, threading\n"
        "from pulumi_kafka_connectors.plugin import __main__ as plugin\n"
        "late = {'pulumi.resource', 'pydantic', 'requests', 'confluent_kafka'}\n"
        "plugin._wait = lambda *_: print(*sorted(late & set(sys.modules)), flush=True)\n"
        "plugin.main(['127.0.0.1:1'])\n"
    )
    command = [sys.executable, "-c", program]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout
    assert shown.splitlines()[1:] == [""]


def test_without_an_engine_it_serves_whoever_attaches(worker: FakeWorker) -> None:
    with host(front_end="plugin") as plugin:
        plugin.configure(url=worker.url)
        assert plugin.check(props())[1] == []
