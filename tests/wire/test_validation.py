"""What the workers say about a configuration, and what that means at preview."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pulumi_kafka_connectors.core import connectors, lookups
from pulumi_kafka_connectors.core.operation import OperationFailed
from pulumi_kafka_connectors.core.values import UNKNOWN, Secret
from tests.support.clock import FakeClock
from tests.support.names import faulty
from tests.support.operations import OperationOn, operation_on
from tests.support.worker import FakeWorker, Fault, connect_error, fake_worker

REFUSED = "Unable to connect: java.net.ConnectException: Connection refused"
SHOWN = "Unable to connect: Connection refused"


@pytest.fixture(autouse=True)
def unreachable_database(worker: FakeWorker) -> None:
    worker.invalid = lambda _config: {"url": [REFUSED]}


def texts(operation: OperationOn, **inputs: Any) -> list[str]:
    """The problems of a new connector."""
    given = {"name": "a", "config": faulty(), **inputs}
    return [problem.text for problem in connectors.check(operation, {}, given).problems]


@pytest.mark.parametrize("validate", [None, True, "error"])
def test_findings_are_problems_and_a_failed_connection_names_the_way_out(operation: OperationOn, validate: Any) -> None:
    expected = f"config['url']: {SHOWN}; if the same program creates that system, set validate=\"warn\""
    assert texts(operation, validate=validate) == [expected]


def test_findings_may_be_warnings(operation: OperationOn) -> None:
    assert texts(operation, validate="warn") == []
    assert [warning.partition(";")[0] for warning in operation.listener.warnings] == [f"connector a: config['url']: {SHOWN}"]


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


def test_a_version_that_is_not_installed_is_told_as_well_when_the_worker_fails_to_validate_it_again(
    worker: FakeWorker, operation: OperationOn
) -> None:
    text = "Plugin testing.FaultySource not found that matches the version range [9.9], available versions: [1]"
    null = 'Cannot invoke "java.util.List.stream()" because the return value of "availableVersions()" is null'
    worker.faults = [
        Fault("PUT .*validate", 500, connect_error(500, null)),
        Fault("GET .*/config", 400, connect_error(400, text), times=2),
    ]
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


SLOW = (
    "connector a is not validated: testing.FaultySource took longer than 20 s, as plugins do that cannot reach their system"
)


@pytest.fixture
def waiting(worker: FakeWorker, clock: FakeClock) -> Iterator[OperationOn]:
    """An operation that gives a plugin twenty seconds; the plugin needs thirty, and its answer is lost."""
    worker.clock = clock

    def slow(_config: dict[str, str]) -> dict[str, list[str]]:
        clock.advance(30)
        return {}

    worker.invalid = slow
    worker.faults = [Fault("PUT .*validate", act=True, close="now")]
    with operation_on(worker.url, clock=clock, timeout=95, validation=20) as operation:
        yield operation


def test_a_plugin_that_is_too_slow_is_a_warning_and_its_passwords_are_known(waiting: OperationOn) -> None:
    checked = connectors.check(waiting, {}, {"name": "a", "config": faulty(pin="1234")})
    assert checked.problems == ()
    assert checked.inputs["config"]["pin"] == Secret("1234")
    assert waiting.listener.warnings == [
        SLOW + "; to wait longer, raise the setting kafka-connectors:validation (and kafka-connectors:timeout)"
    ]


def test_a_slow_plugin_does_not_keep_others_from_being_validated(worker: FakeWorker, waiting: OperationOn) -> None:
    connectors.check(waiting, {}, {"name": "a", "config": faulty()})
    worker.invalid = lambda _config: {"url": [REFUSED]}
    assert texts(waiting, name="b")
    assert [warning.partition(",")[0] for warning in waiting.listener.warnings] == [SLOW.partition(",")[0]]


def test_a_worker_that_answers_nothing_else_either_is_not_called_slow(worker: FakeWorker, waiting: OperationOn) -> None:
    worker.faults.append(Fault("GET /", close="now", times=9))
    connectors.check(waiting, {}, {"name": "a", "config": faulty()})
    assert [warning.partition(":")[0] for warning in waiting.listener.warnings] == ["configurations are not validated"]


def test_a_worker_that_gives_up_on_a_plugin_is_a_warning_too(worker: FakeWorker, clock: FakeClock) -> None:
    worker.faults = [Fault("PUT .*validate", 500, connect_error(500, "Request timed out"), times=99)]
    with operation_on(worker.url, clock=clock, timeout=95) as operation:
        assert texts(operation) == []
    assert [warning.partition(":")[0] for warning in operation.listener.warnings] == ["connector a is not validated"]


def test_the_lookup_fails_where_a_plugin_is_too_slow(waiting: OperationOn) -> None:
    with pytest.raises(OperationFailed, match=SLOW):
        lookups.validate(waiting, faulty(), "a")


def test_a_plugin_without_its_driver_is_told_at_its_class(worker: FakeWorker, operation: OperationOn) -> None:
    text = "java.lang.NoClassDefFoundError: com/ibm/db2/jcc/DB2Driver"
    worker.faults = [Fault("PUT .*validate", 500, connect_error(500, text))]
    checked = connectors.check(operation, {}, {"name": "a", "config": faulty(pin="1234")})
    [problem] = checked.problems
    assert problem.key == "config['connector.class']"
    assert problem.text.startswith(
        "config['connector.class']: the plugin needs the class com.ibm.db2.jcc.DB2Driver, which is not installed with it"
    )
    assert checked.inputs["config"]["pin"] == Secret("1234")


def test_a_plugin_that_fails_on_its_system_names_the_way_out(worker: FakeWorker, operation: OperationOn) -> None:
    text = "com.example.SpannerException: UNAVAILABLE: io.grpc.StatusRuntimeException: UNAVAILABLE: Unable to resolve host x"
    worker.faults = [Fault("PUT .*validate", 500, connect_error(500, text))]
    [told] = texts(operation)
    assert told == (
        "config: the worker cannot validate it: UNAVAILABLE: Unable to resolve host x; if the same program creates that "
        'system, set validate="warn"'
    )


def test_a_secret_in_what_a_driver_says_is_hidden_before_the_text_is_cut(worker: FakeWorker, operation: OperationOn) -> None:
    worker.invalid = lambda _config: {"url": ["Unable to connect " + "x " * 105 + "hunter2 secret " + "y " * 99]}
    [text] = texts(operation, config=faulty(db_password="hunter2 secret"))
    assert "hunter2" not in text
    assert len(text) < 400


def test_refused_overrides_are_one_problem(worker: FakeWorker, operation: OperationOn) -> None:
    words = "The 'None' policy does not allow '{}' to be overridden in the connector configuration."
    keys = ["linger.ms", "acks"]
    worker.invalid = lambda _config: {f"producer.override.{key}": [words.format(key)] for key in keys}
    [text] = texts(operation)
    assert all(f"producer.override.{key}" in text for key in keys)
    assert "connector.client.config.override.policy is None" in text


@pytest.mark.parametrize("more", [{}, {"topic": UNKNOWN}])
def test_a_key_that_is_probably_misspelt_is_a_warning(
    worker: FakeWorker, operation: OperationOn, more: dict[str, Any]
) -> None:
    worker.invalid = lambda _config: {}
    assert texts(operation, config={**faulty(fil="a.txt", task_startup="1"), **more}) == []
    assert operation.listener.warnings == [
        "connector a: config['fil'] is not a key of testing.FaultySource: did you mean file?"
    ]


def test_a_misspelt_key_is_not_looked_for_when_validation_is_off(operation: OperationOn) -> None:
    assert texts(operation, config=faulty(fil="a.txt"), validate="off") == []
    assert operation.listener.warnings == []


def test_a_version_of_a_plugin_on_older_workers_is_a_warning() -> None:
    with fake_worker("3.9.1") as worker, operation_on(worker.url, clock=FakeClock()) as operation:
        assert texts(operation, config=faulty(connector_plugin_version="7.1")) == []
    [told] = operation.listener.warnings
    assert told == (
        "connector a: config['connector.plugin.version'] has no effect on the workers of Kafka 3.9.1: selecting a version of a "
        "plugin needs Kafka Connect 4.1 or newer"
    )
