"""The provider in the process that the engine starts for it: the SDK's host of dynamic providers, or the plugin."""

from __future__ import annotations

from collections.abc import Iterator

import grpc
import pulumi
import pytest
from pulumi.dynamic import Config, ConfigureRequest
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime import rpc

from pulumi_kafka_connectors.dynamic import ConnectorProvider
from pulumi_kafka_connectors.resources.connector import Connector
from tests.support.host import PROVIDER, Host, host
from tests.support.names import faulty
from tests.support.worker import FakeWorker

SECRET = rpc._special_secret_sig


@pytest.fixture
def plugin(worker: FakeWorker, front_end: str) -> Iterator[Host]:
    """Started as the engine starts it, not forked."""
    with host(front_end=front_end) as plugin:
        plugin.configure(url=worker.url, retry="5")
        yield plugin


def props(**config: str) -> dict[str, object]:
    return {"name": "a", "config": faulty(**config)}


def test_what_is_stored_in_state_never_changes() -> None:
    assert serialize_provider(ConnectorProvider()) == PROVIDER
    configured = ConnectorProvider()
    configured.configure(ConfigureRequest(Config({"kafka-connectors:password": "x"}, "project")))
    assert serialize_provider(configured) == PROVIDER
    assert Connector._resource_type_name == "dynamic/kafka-connectors:Connector"


def test_check_create_read_update_delete(worker: FakeWorker, plugin: Host) -> None:
    inputs, failures = plugin.check(props())
    assert failures == []
    assert inputs == props()

    id_, outs = plugin.create(inputs)
    assert id_ == "a"
    assert outs == {
        **inputs,
        "status": "running",
        "type": "source",
        "version": "7.1",
        "cluster": "k",
        "workers": [worker.url],
        "tasks": [{"id": 0, "state": "running"}],
    }
    assert worker.writes() == ["POST /connectors"]

    worker.connectors["a"]["config"]["rate"] = "9"
    id_, outs, drifted = plugin.read("a", outs)
    assert id_ == "a"
    assert drifted["config"] == {**faulty(), "rate": "9"}

    inputs, failures = plugin.check(props(rate="3"), drifted)
    assert failures == []
    assert plugin.diff(outs, inputs).changes == plugin.changed
    outs = plugin.update(outs, inputs)
    assert worker.connectors["a"]["config"]["rate"] == "3"

    plugin.delete("a", outs)
    assert worker.connectors == {}
    assert plugin.read("a", outs)[0] == ""


def test_an_unchanged_resource_makes_no_request(worker: FakeWorker, plugin: Host) -> None:
    inputs, _ = plugin.check(props())
    _, outs = plugin.create(inputs)
    worker.requests.clear()
    with host(front_end=plugin.front_end) as fresh:  # every command of the engine starts one
        fresh.configure(url=worker.url)
        again, failures = fresh.check(props(), inputs)
        assert (again, failures) == (inputs, [])
        assert fresh.diff(outs, again).changes == 1
    assert worker.requests == []


def test_secret_values_are_marked_per_key(worker: FakeWorker, plugin: Host) -> None:
    given = props(db_password="hunter2", pin="1234")
    inputs, failures = plugin.check(given)
    assert failures == []
    config = inputs["config"]
    assert {key for key, value in config.items() if isinstance(value, dict)} == {"db.password", "pin"}
    assert config["pin"][rpc._special_sig_key] == SECRET
    assert inputs["passwords"] == ["pin"]
    _, outs = plugin.create(inputs)
    assert outs["config"] == config
    # Typed as PASSWORD by the plugin, known without another request: an unchanged resource stays marked.
    worker.requests.clear()
    again, _ = plugin.check(given, inputs)
    assert again == inputs
    assert worker.requests == []


def test_unknown_values_pass_check_and_diff(worker: FakeWorker, plugin: Host) -> None:
    unknown = pulumi.UNKNOWN
    inputs, failures = plugin.check({"name": unknown, "config": {**faulty(), "topic": unknown, "db.password": unknown}})
    assert failures == []
    assert inputs["config"]["topic"] == inputs["config"]["db.password"] == inputs["name"] == rpc.UNKNOWN
    assert not [line for line in worker.lines() if "validate" in line]
    assert plugin.check({"name": "a", "config": unknown})[1] == []
    assert plugin.diff({"name": "a", "config": faulty(), "status": "running"}, inputs).changes == plugin.changed


def test_errors_are_one_line_and_the_process_lives_on(worker: FakeWorker, plugin: Host) -> None:
    worker.connectors["a"] = {"config": faulty(rate="7", db_password="other"), "state": "RUNNING"}
    with pytest.raises(grpc.RpcError) as caught:
        plugin.create(props(db_password="hunter2"))
    assert caught.value.details() == plugin.error(
        "connector a exists already with another configuration (differing keys: db.password, rate): "
        "give the resource an alias if it was renamed or moved, set adopt=True to take it over (KAFKA_CONNECT_ADOPT=true for "
        "one run), import it, or choose another name"
    )
    assert plugin.check({**props(), "name": "b"})[1] == []


def test_a_defect_is_reported_with_its_traceback_and_without_secrets(worker: FakeWorker, plugin: Host) -> None:
    with pytest.raises(grpc.RpcError):
        plugin.read("missing", {})  # an expected error first: it switches tracebacks of the host off
    broken = {"config": {**faulty(), "db.password": "hunter2"}, "timeouts": {"create": "hunter2"}, "name": "a"}
    with pytest.raises(grpc.RpcError) as caught:
        plugin.create(broken)
    message = str(caught.value.details())
    assert "a defect of pulumi-kafka-connectors, please report it" in message
    assert "spec_of" in message
    assert "hunter2" not in message


def test_settings_are_reported_by_check_and_not_by_configure(worker: FakeWorker, front_end: str) -> None:
    with host(front_end=front_end) as made:
        made.configure()
        _, failures = made.check(props())
        assert len(failures) == 1
        assert failures[0].startswith("no worker is known: run `pulumi config set kafka-connectors:url")
        made.configure(url="ftp://x")


def test_the_address_may_come_from_the_environment(worker: FakeWorker, front_end: str) -> None:
    with host({"KAFKA_CONNECT_URL": worker.url}, front_end) as made:
        made.configure()
        assert made.check(props())[1] == []
        assert worker.requests
