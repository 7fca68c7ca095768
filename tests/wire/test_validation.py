"""What the workers say about a configuration, and what that means at preview."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_kafka_connectors.core import connectors
from pulumi_kafka_connectors.core.values import UNKNOWN, Secret
from tests.support.clock import FakeClock
from tests.support.names import faulty
from tests.support.operations import OperationOn, operation_on
from tests.support.worker import FakeWorker, Fault, connect_error

REFUSED = "Unable to connect: java.net.ConnectException: Connection refused"


@pytest.fixture(autouse=True)
def unreachable_database(worker: FakeWorker) -> None:
    worker.invalid = lambda _config: {"url": [REFUSED]}


def texts(operation: OperationOn, **inputs: Any) -> list[str]:
    """The problems of a new connector."""
    given = {"name": "a", "config": faulty(), **inputs}
    return [problem.text for problem in connectors.check(operation, {}, given).problems]


@pytest.mark.parametrize("validate", [None, True, "error"])
def test_findings_are_problems_and_a_failed_connection_names_the_way_out(operation: OperationOn, validate: Any) -> None:
    expected = f"config['url']: {REFUSED}; if the same program creates that system, set validate=\"warn\""
    assert texts(operation, validate=validate) == [expected]


def test_findings_may_be_warnings(operation: OperationOn) -> None:
    assert texts(operation, validate="warn") == []
    assert [warning.partition(";")[0] for warning in operation.listener.warnings] == [
        f"connector a: config['url']: {REFUSED}"
    ]


@pytest.mark.parametrize("validate", [False, "off"])
def test_nothing_is_validated_when_that_is_off(worker: FakeWorker, operation: OperationOn, validate: Any) -> None:
    assert texts(operation, validate=validate) == []
    assert operation.listener.warnings == []
    assert not [line for line in worker.lines() if "/validate" in line]


@pytest.mark.parametrize("inputs", [{"validate": "off"}, {"config": {**faulty(pin="1234"), "topic": UNKNOWN}}])
def test_passwords_are_known_also_where_nothing_is_validated(operation: OperationOn, inputs: dict[str, Any]) -> None:
    given = {"name": "a", "config": faulty(pin="1234"), **inputs}
    checked = connectors.check(operation, {}, given)
    assert checked.inputs["config"]["pin"] == Secret("1234")
    assert checked.inputs["passwords"] == ["pin"]


@pytest.mark.parametrize("value", ["yes", 1, "", ["error"], "Error"])
def test_anything_else_is_no_mode(operation: OperationOn, value: Any) -> None:
    assert texts(operation, validate=value)[0] == "validate must be one of error, warn, off"


def test_a_class_that_is_listed_but_cannot_be_loaded_is_not_called_missing(
    worker: FakeWorker, operation: OperationOn
) -> None:
    text = "Failed to find any class that implements Connector and which name matches testing.FaultySource"
    worker.faults = [Fault("PUT .*validate", 400, connect_error(400, text))]
    assert texts(operation) == [
        "config['connector.class']: testing.FaultySource is listed by the workers but cannot be loaded: see the log of the worker"
    ]


def test_a_reference_that_cannot_be_read_names_the_keys_that_hold_one(worker: FakeWorker, operation: OperationOn) -> None:
    worker.faults = [Fault("PUT .*validate", 500, connect_error(500, "Could not read file /run/secrets/db"))]
    config = faulty(db_password="${file:/run/secrets/db:password}", topic="x")
    assert texts(operation, config=config) == [
        "config: the worker cannot validate it: Could not read file /run/secrets/db (references are in db.password)"
    ]


def test_a_version_of_a_plugin_that_is_not_installed_is_told_at_its_key(worker: FakeWorker, operation: OperationOn) -> None:
    text = "Plugin testing.FaultySource not found that matches the version range [9.9], available versions: [1]"
    worker.faults = [Fault("PUT .*validate", 400, connect_error(400, text))]
    assert texts(operation, config=faulty(connector_plugin_version="9.9")) == [
        f"config['connector.plugin.version']: the worker cannot validate it: {text}"
    ]


def test_a_version_that_a_validation_does_not_find_is_told_at_its_key(worker: FakeWorker, operation: OperationOn) -> None:
    text = "Plugin testing.FaultySource not found that matches the version range [9.0,), available versions: [4.3.0]"
    worker.invalid = lambda _config: {"connector.class": [text]}
    assert texts(operation, config=faulty(connector_plugin_version="[9.0,)")) == [
        f"config['connector.plugin.version']: {text}"
    ]


def test_the_definitions_are_those_of_the_wanted_version(worker: FakeWorker, operation: OperationOn) -> None:
    config = {**faulty(connector_plugin_version="7.1"), "topic": UNKNOWN}
    connectors.check(operation, {}, {"name": "a", "config": config})
    asked = [
        request for request in worker.requests if request.path.endswith("/config") and "connector-plugins" in request.path
    ]
    assert [request.query for request in asked] == [{"version": ["7.1"]}]


def test_each_plugin_is_asked_for_its_own_definitions(worker: FakeWorker, operation: OperationOn) -> None:
    worker.invalid = lambda _config: {}
    worker.plugins["testing.IdleSink"] = [{"name": "topic", "type": "PASSWORD"}]
    for plugin, typed in (("testing.FaultySource", ["pin"]), ("testing.IdleSink", ["topic"])):
        config = {"connector.class": plugin, "pin": "1", "topic": "2", "x": UNKNOWN}
        assert connectors.check(operation, {}, {"name": "a", "config": config}).inputs["passwords"] == typed


def test_a_problem_of_the_settings_is_about_no_key(worker: FakeWorker) -> None:
    with operation_on(worker.url, clock=FakeClock(), settle="soon") as operation:
        problems = connectors.check(operation, {}, {"name": "a", "config": faulty()}).problems
    assert [(problem.key, problem.text.partition(":")[0]) for problem in problems] == [("", "setting kafka-connectors")]
