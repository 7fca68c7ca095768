"""Values that a program marks as secret under keys that look harmless: known by the names of their keys."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import grpc
import pulumi
import pytest
from pulumi.runtime import rpc, set_all_config

import pulumi_kafka_connectors as kc
from tests.support.host import Host, plain
from tests.support.names import faulty
from tests.support.program import registered, unknown
from tests.support.worker import FakeWorker


def declared(**inputs: Any) -> dict[str, Any]:
    """A connector whose `topic` is a secret of the program."""

    def declare() -> kc.Connector:
        return kc.Connector("a", config={**faulty(), "topic": pulumi.Output.secret("hunter2")}, **inputs)

    return registered(declare)


def test_names_of_marked_keys_are_passed_along() -> None:
    inputs = declared()
    assert inputs["marked"] == ["topic"]
    assert inputs["config"]["topic"] == "hunter2"


def test_what_is_known_as_secret_or_is_none_adds_nothing() -> None:
    def declare() -> kc.Connector:
        config: Any = {**faulty(), "topic": pulumi.Output.from_input("t"), "db.password": pulumi.Output.secret("hunter2")}
        return kc.Connector("a", config=config)

    assert "marked" not in registered(declare)
    assert "marked" not in registered(lambda: kc.Connector("a", config=faulty()))


def test_marks_are_known_while_the_values_are_not() -> None:
    def declare() -> kc.Connector:
        return kc.Connector("a", config={**faulty(), "topic": unknown(secret=True), "file": unknown()})

    inputs = registered(declare, preview=True)
    assert inputs["marked"] == ["topic"]


@pytest.mark.parametrize("secret", [True, False])
def test_a_whole_configuration_that_is_secret_marks_every_key(secret: bool) -> None:
    def declare() -> kc.Connector:
        config: Any = pulumi.Output.secret(faulty()) if secret else pulumi.Output.from_input(faulty())
        return kc.Connector("a", config=config)

    assert registered(declare).get("marked") == (sorted(faulty()) if secret else None)


def test_a_whole_configuration_that_is_not_known_yet_passes() -> None:
    inputs = registered(lambda: kc.Connector("a", config=unknown(secret=True)), preview=True)
    assert inputs.get("marked") in (None, pulumi.UNKNOWN, rpc.UNKNOWN)


def test_a_topic_passes_them_along_too() -> None:
    def declare() -> kc.Topic:
        return kc.Topic("t", partitions=1, replication_factor=1, config={"retention.ms": pulumi.Output.secret("77777777")})

    assert registered(declare)["marked"] == ["retention.ms"]


def test_a_marked_value_is_in_no_problem_of_a_check(worker: FakeWorker, plugin: Host) -> None:
    worker.invalid = lambda config: {"topic": [f"Invalid value {config['topic']} for configuration topic: it is bad"]}
    _, failures = plugin.check(declared())
    assert failures == ["config['topic']: Invalid value [hidden] for configuration topic: it is bad"]


@pytest.mark.parametrize("validate", ["error", "off"])
def test_a_marked_value_is_in_no_error_and_stays_marked(worker: FakeWorker, plugin: Host, validate: str) -> None:
    worker.failing = lambda config: f"java.lang.Oops: no {config['topic']} here"
    inputs, failures = plugin.check(declared(validate=validate))
    assert failures == []
    assert inputs["marked"] == ["topic"]
    assert inputs["config"]["topic"][rpc._special_sig_key] == rpc._special_secret_sig
    with pytest.raises(grpc.RpcError) as caught:
        plugin.create(plain(inputs))
    assert "no [hidden] here" in str(caught.value.details())

    worker.failing = lambda config: None
    _, outs = plugin.create(plain(inputs))
    assert outs["config"] == inputs["config"]
    _, outs, again = plugin.read("a", plain(outs))
    assert (outs["marked"], again["marked"], again["config"]) == (["topic"], ["topic"], inputs["config"])
    outs = plugin.update(plain(outs), {**plain(inputs), "config": {**plain(inputs)["config"], "rate": "3"}})
    assert outs["marked"] == ["topic"]
    assert outs["config"]["topic"] == inputs["config"]["topic"]


def test_marks_are_no_difference(worker: FakeWorker, plugin: Host) -> None:
    inputs = plain(plugin.check(declared())[0])
    _, outs = plugin.create(inputs)
    before = {key: value for key, value in plain(outs).items() if key != "marked"}
    assert plugin.diff(before, inputs).changes == 1
    worker.requests.clear()
    assert plain(plugin.check(declared(), before)[0])["marked"] == ["topic"]
    assert worker.lines() == []


@pytest.fixture
def stack(worker: FakeWorker) -> Iterator[None]:
    set_all_config({"kafka-connectors:url": worker.url, "kafka-connectors:retry": "1"})
    yield
    set_all_config({})


@pytest.mark.parametrize("whole", [False, True])
def test_the_look_up_of_problems_shows_no_marked_value(worker: FakeWorker, stack: None, whole: bool) -> None:
    worker.invalid = lambda config: {"topic": [f"Invalid value {config['topic']} for configuration topic: it is bad"]}
    pulumi.runtime.set_mocks(_NoResources())

    async def ask() -> list[str]:
        config: dict[str, Any] = {**faulty(), "topic": "hunter2" if whole else pulumi.Output.secret("hunter2")}
        found = kc.validate_output(pulumi.Output.secret(config) if whole else config)
        assert not await found.is_secret()
        told = await found.future()
        assert told is not None
        return told

    kc.validate({**faulty(), "topic": "hunter2"})  # what was answered to another question is not the answer to this one
    told = asyncio.get_event_loop_policy().get_event_loop().run_until_complete(ask())
    assert [text.partition("Invalid value ")[2].partition(" ")[0] for text in told] == ["[hidden]"]


class _NoResources(pulumi.runtime.Mocks):
    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        raise NotImplementedError

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        raise NotImplementedError
