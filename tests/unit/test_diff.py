from __future__ import annotations

from typing import Any

import pytest

from pulumi_kafka_connectors.core.diff import Changes, compare, live_differences, same_class, unmasked
from pulumi_kafka_connectors.core.spec import INPUTS, LOCAL
from pulumi_kafka_connectors.core.values import UNKNOWN

BASE: dict[str, Any] = {
    "name": "a",
    "config": {"connector.class": "x.FileSourceConnector", "tasks.max": "4"},
    "status": "running",
    "tasks": [{"id": 0, "state": "running"}],
}


def but(**changed: Any) -> dict[str, Any]:
    config = {**BASE["config"], **changed.pop("config", {})}
    return {**BASE, "config": {key: value for key, value in config.items() if value is not None}, **changed}


@pytest.mark.parametrize(
    "new",
    [
        but(),
        but(config={"tasks.max": 4}),
        but(config={"tasks.max": 4.0}),
        but(config={"name": "a"}),
        but(config={"__internal.config.version": "3"}),
        but(config={"gone": None}),
        but(state=None, sensitive=None, restart=None, offsets=None, timeouts=None),
        but(sensitive=[], timeouts={}),
        but(adopt=False, validate="error", wait=True, rollback=True, forget=False),
        {**BASE, "passwords": ["pin"]},
    ],
)
def test_the_same_written_differently_is_no_change(new: dict[str, Any]) -> None:
    assert not compare(BASE, new).any


@pytest.mark.parametrize(
    ("new", "inputs", "replaces"),
    [
        (but(name="b"), {"name"}, ("name",)),
        (but(config={"connector.class": "y.FileSourceConnector"}), {"config"}, ("config",)),
        (but(config={"connector.class": "x.FileSinkConnector"}), {"config"}, ("config",)),
        (but(config={"connector.class": "FileSourceConnector"}), {"config"}, ()),
        (but(config={"connector.class": "FileSource"}), {"config"}, ()),
        (but(config={"connector.class": "Other"}), {"config"}, ("config",)),
        (but(config={"connector.class": UNKNOWN}), {"config"}, ()),
        (but(config={"tasks.max": "5"}), {"config"}, ()),
        (but(config={"tasks.max": "04"}), {"config"}, ()),
        (but(config={"tasks.max": None}), {"config"}, ()),
        (but(config={"empty": ""}), {"config"}, ()),
        (but(config={"topic": UNKNOWN}), {"config"}, ()),
        ({**BASE, "config": UNKNOWN}, {"config"}, ()),
        (but(name=UNKNOWN), {"name"}, ("name",)),
        (but(state="paused"), {"state"}, ()),
        (but(restart="2"), {"restart"}, ()),
        (but(offsets=[]), {"offsets"}, ()),
        (but(offsets=[{"partition": {"a": 1.0}, "offset": {"b": 2.0}}]), {"offsets"}, ()),
        (but(adopt=True), {"adopt"}, ()),
        (but(validate=False), {"validate"}, ()),
        (but(wait=False), {"wait"}, ()),
        (but(rollback=False), {"rollback"}, ()),
        (but(timeouts={"create": 60.0}), {"timeouts"}, ()),
        (but(sensitive=["x"]), {"sensitive"}, ()),
        (but(forget=True), {"forget"}, ()),
        (but(name="b", state="paused"), {"name", "state"}, ("name",)),
    ],
)
def test_a_change_is_update_or_replace(new: dict[str, Any], inputs: set[str], replaces: tuple[str, ...]) -> None:
    found = compare(BASE, new)
    assert (set(found.inputs), found.replaces, found.unhealthy) == (inputs, replaces, False)


@pytest.mark.parametrize(
    ("old", "new", "unhealthy"),
    [
        ({"status": "failed"}, {}, True),
        ({"tasks": [{"id": 0, "state": "running"}, {"id": 1, "state": "failed"}]}, {}, True),
        ({"status": "paused"}, {}, False),
        ({"status": "unassigned"}, {}, False),
        ({"status": "failed"}, {"wait": False}, False),
    ],
)
def test_a_failed_task_is_a_change_if_up_waits(old: dict[str, Any], new: dict[str, Any], unhealthy: bool) -> None:
    changes = compare({**BASE, **old, **new}, {**BASE, **new})
    assert (changes.any, changes.unhealthy, changes.inputs) == (unhealthy, unhealthy, frozenset())


def test_state_of_an_older_version_without_outputs_is_readable() -> None:
    assert compare({"name": "a", "config": None}, but()).inputs == {"config"}
    assert compare({}, but()).replaces == ("name",)


def test_a_duration_written_differently_is_no_change() -> None:
    assert not compare(but(timeouts={"create": 300.0}), but(timeouts={"create": "5m"})).any
    assert compare(but(timeouts={"create": 300.0}), but(timeouts={"create": "6m"})).inputs == {"timeouts"}


@pytest.mark.parametrize("name", INPUTS)
def test_a_change_of_how_operations_work_is_local_unless_something_failed(name: str) -> None:
    assert Changes(frozenset({name})).local is (name in LOCAL)
    assert not Changes(frozenset({name}), unhealthy=True).local
    assert not Changes(frozenset({name, "config"})).local


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a.b.FooSourceConnector", "a.b.FooSourceConnector", True),
        ("a.b.FooSourceConnector", "FooSourceConnector", True),
        ("FooSource", "a.b.FooSourceConnector", True),
        ("FooSource", "FooSourceConnector", True),
        ("io.confluent.JdbcSink", "io.aiven.JdbcSink", False),
        ("FooSource", "FooSink", False),
        ("Connector", "Other", False),
    ],
)
def test_a_class_has_a_full_a_simple_and_a_short_name(one: str, other: str, same: bool) -> None:
    assert same_class(one, other) is same_class(other, one) is same


# Against a live configuration


def test_a_mask_stands_for_the_value_sent_last() -> None:
    live = {"password": "****", "a": "1", "new": "****"}
    assert unmasked(live, {"password": "hunter2", "a": "0"}) == {"password": "hunter2", "a": "1", "new": "****"}


def test_a_mask_is_equal_to_any_value_of_a_declared_key() -> None:
    live = {"password": "****", "a": "1", "new": "****"}
    assert live_differences(live, {"password": "hunter2", "a": "1", "b": ""}) == ["b", "new"]
    assert live_differences({"password": "hunter3"}, {"password": "hunter2"}) == ["password"]
    assert live_differences({"password": "hunter2"}, {"password": "****"}) == ["password"]
