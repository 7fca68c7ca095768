"""Values that a program marks as secret under keys that do not look secret: the names of these keys are passed along."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pulumi
import pytest
from pulumi.runtime import rpc

import pulumi_kafka_connectors as kc
from tests.support.host import Host, plain
from tests.support.names import faulty
from tests.support.program import RecordingMocks, registered, unknown
from tests.support.worker import FakeWorker


def declared(**inputs: Any) -> dict[str, Any]:
    """The inputs of a connector whose `topic` is marked as secret."""

    def declare() -> kc.Connector:
        return kc.Connector("a", config={**faulty(), "topic": pulumi.Output.secret("hunter2")}, **inputs)

    return registered(declare)


def test_names_of_marked_keys_are_passed_along() -> None:
    inputs = declared()
    assert inputs["marked"] == ["topic"]
    assert inputs["config"]["topic"] == "hunter2"


def test_keys_that_look_secret_or_are_not_marked_are_not_passed_along() -> None:
    def declare() -> kc.Connector:
        config: Any = {**faulty(), "topic": pulumi.Output.from_input("t"), "db.password": pulumi.Output.secret("hunter2")}
        return kc.Connector("a", config=config)

    assert "marked" not in registered(declare)
    assert "marked" not in registered(lambda: kc.Connector("a", config=faulty()))


def test_keys_of_unknown_values_are_passed_along() -> None:
    def declare() -> kc.Connector:
        return kc.Connector("a", config={**faulty(), "topic": unknown(secret=True), "file": unknown()})

    inputs = registered(declare, preview=True)
    assert inputs["marked"] == ["topic"]


@pytest.mark.parametrize("secret", [True, False])
def test_a_configuration_that_is_secret_as_a_whole_marks_every_key(secret: bool) -> None:
    def declare() -> kc.Connector:
        config: Any = pulumi.Output.secret(faulty()) if secret else pulumi.Output.from_input(faulty())
        return kc.Connector("a", config=config)

    assert registered(declare).get("marked") == (sorted(faulty()) if secret else None)


def test_a_configuration_that_is_unknown_as_a_whole_is_accepted() -> None:
    inputs = registered(lambda: kc.Connector("a", config=unknown(secret=True)), preview=True)
    assert inputs.get("marked") in (None, pulumi.UNKNOWN, rpc.UNKNOWN)


def test_a_topic_also_passes_them_along() -> None:
    def declare() -> kc.Topic:
        return kc.Topic("t", partitions=1, replication_factor=1, config={"retention.ms": pulumi.Output.secret("77777777")})

    assert registered(declare)["marked"] == ["retention.ms"]


def test_a_failure_of_a_check_hides_marked_values(worker: FakeWorker, plugin: Host) -> None:
    worker.invalid = lambda config: {"topic": [f"Invalid value {config['topic']} for configuration topic: it is bad"]}
    _, failures = plugin.check(declared())
    assert failures == ["config['topic']: Invalid value [hidden] for configuration topic: it is bad"]


@pytest.mark.parametrize("validate", ["error", "off"])
def test_an_error_hides_marked_values_and_they_stay_marked(worker: FakeWorker, plugin: Host, validate: str) -> None:
    worker.failing = lambda config: f"java.lang.Oops: no {config['topic']} here"
    inputs, failures = plugin.check(declared(validate=validate))
    assert failures == []
    assert inputs["marked"] == ["topic"]
    assert inputs["config"]["topic"][rpc._special_sig_key] == rpc._special_secret_sig
    with pytest.raises(grpc.RpcError) as caught:
        plugin.create(inputs)
    assert "no [hidden] here" in str(caught.value.details())

    worker.failing = lambda config: None
    _, outs = plugin.create(inputs)
    assert outs["config"] == inputs["config"]
    _, outs, again = plugin.read("a", outs)
    assert (outs["marked"], again["marked"], again["config"]) == (["topic"], ["topic"], inputs["config"])
    outs = plugin.update(outs, {**plain(inputs), "config": {**plain(inputs)["config"], "rate": "3"}})
    assert outs["marked"] == ["topic"]
    assert outs["config"]["topic"] == inputs["config"]["topic"]


def test_marked_keys_alone_are_not_a_change(worker: FakeWorker, plugin: Host) -> None:
    inputs = plain(plugin.check(declared())[0])
    _, outs = plugin.create(inputs)
    before = {key: value for key, value in plain(outs).items() if key != "marked"}
    assert plugin.diff(before, inputs).changes == 1
    worker.requests.clear()
    assert plain(plugin.check(declared(), before)[0])["marked"] == ["topic"]
    assert worker.lines() == []


@pytest.mark.parametrize("whole", [False, True])
def test_validate_hides_marked_values(worker: FakeWorker, stack: None, whole: bool) -> None:
    worker.invalid = lambda config: {"topic": [f"Invalid value {config['topic']} for configuration topic: it is bad"]}
    pulumi.runtime.set_mocks(RecordingMocks())

    async def validate() -> list[str]:
        config: dict[str, Any] = {**faulty(), "topic": "hunter2" if whole else pulumi.Output.secret("hunter2")}
        found = kc.validate_output(pulumi.Output.secret(config) if whole else config)
        assert not await found.is_secret()
        problems = await found.future()
        assert problems is not None
        return problems

    kc.validate({**faulty(), "topic": "hunter2"})  # its response must not be reused for the marked value
    problems = asyncio.get_event_loop_policy().get_event_loop().run_until_complete(validate())
    assert [text.partition("Invalid value ")[2].partition(" ")[0] for text in problems] == ["[hidden]"]
