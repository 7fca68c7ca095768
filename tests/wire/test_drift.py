"""Drift detection on configurations as returned by a worker, for real-world configurations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from pulumi_kafka_connectors.connect import ConnectError, Unreachable
from pulumi_kafka_connectors.core.health import Observed
from pulumi_kafka_connectors.core.observing import read
from pulumi_kafka_connectors.core.values import text_of
from tests.support.clock import FakeClock
from tests.support.host import Host, forked_host, plain
from tests.support.operations import operation_on
from tests.support.published import PUBLISHED
from tests.support.worker import FakeWorker, Fault, fake_worker

DIFF_SOME = 2


@pytest.fixture(scope="module")
def shared(front_end: str) -> Iterator[tuple[FakeWorker, Host]]:
    """One worker and one plugin process for all configurations."""
    with fake_worker() as worker, forked_host(front_end=front_end) as made:
        made.configure(url=worker.url, retry="5")
        yield worker, made


def declared(name: str, changes: dict[str, str] | None = None) -> dict[str, Any]:
    config = {key: text_of(value) for key, value in PUBLISHED[name].items()}
    return {"name": name, "config": {**config, **(changes or {})}}


def deployed(worker: FakeWorker, plugin: Host, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    worker.plugins[PUBLISHED[name]["connector.class"]] = []
    inputs, failures = plugin.check(declared(name))
    assert failures == []
    _, outs = plugin.create(inputs)
    return plain(inputs), outs


@pytest.mark.parametrize("name", PUBLISHED)
def test_no_published_configuration_drifts_by_itself(shared: tuple[FakeWorker, Host], name: str) -> None:
    worker, plugin = shared
    inputs, outs = deployed(worker, plugin, name)
    worker.extra = {"__internal.config.version": "17"}
    worker.masks = {key for key in inputs["config"] if "password" in key or "secret" in key or "token" in key}
    _, now, seen = plugin.read(name, outs)
    assert plain(seen) == inputs
    again, failures = plugin.check(declared(name), seen)
    assert failures == []
    assert plugin.diff(now, again).changes == 1
    secret = {key for key, value in again["config"].items() if isinstance(value, dict)}
    assert secret == {key for key, value in seen["config"].items() if isinstance(value, dict)}
    clear = " ".join(value for value in again["config"].values() if isinstance(value, str))
    assert "pass" not in clear.replace("password}", "")


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ({"tasks.max": "9"}, {"tasks.max": "9"}),
        ({"flush.size": None}, {"flush.size": None}),
        ({"added.by.hand": "x"}, {"added.by.hand": "x"}),
        ({"aws.secret.access.key": "rotated-by-hand"}, {"aws.secret.access.key": "rotated-by-hand"}),
        ({"aws.secret.access.key": "******"}, {}),
        ({"aws.secret.access.key": "••••••"}, {}),
        ({"aws.secret.access.key": "[hidden]"}, {}),
        ({"name": "s3-sink", "__internal.x": "1"}, {}),
    ],
)
def test_manual_changes_are_shown_by_key(
    worker: FakeWorker, plugin: Host, change: dict[str, str | None], seen: dict[str, str | None]
) -> None:
    inputs, outs = deployed(worker, plugin, "s3-sink")
    config = {**worker.connectors["s3-sink"]["config"], **change}
    worker.connectors["s3-sink"]["config"] = {key: value for key, value in config.items() if value is not None}
    _, _, seen_now = plugin.read("s3-sink", outs)
    expected = {**inputs["config"], **seen}
    assert plain(seen_now)["config"] == {key: value for key, value in expected.items() if value is not None}


def test_a_rotated_secret_is_a_change_although_the_worker_answers_a_mask(worker: FakeWorker, plugin: Host) -> None:
    inputs, outs = deployed(worker, plugin, "jdbc-sink")
    worker.masks = {"connection.password"}
    _, now, seen = plugin.read("jdbc-sink", outs)
    news, _ = plugin.check(declared("jdbc-sink", {"connection.password": "rotated"}), seen)
    assert plugin.diff(now, news).changes == plugin.changed
    plugin.update(now, news)
    assert worker.connectors["jdbc-sink"]["config"]["connection.password"] == "rotated"
    assert inputs["config"]["connection.password"] == "loader-pass"


def test_an_update_never_writes_a_mask(worker: FakeWorker, plugin: Host) -> None:
    _, outs = deployed(worker, plugin, "jdbc-sink")
    worker.masks = {"connection.password"}
    worker.failing = lambda config: "boom" if config["tasks.max"] == "9" else None
    news, _ = plugin.check(declared("jdbc-sink", {"tasks.max": "9"}))
    with pytest.raises(Exception, match="has its old configuration back"):
        plugin.update(outs, news)
    assert worker.connectors["jdbc-sink"]["config"]["connection.password"] == "loader-pass"
    assert worker.connectors["jdbc-sink"]["config"]["tasks.max"] == "8"


def test_a_secret_that_appears_on_the_worker_enters_the_state_as_a_secret(worker: FakeWorker, plugin: Host) -> None:
    worker.plugins["testing.FaultySource"].append({"name": "pin", "type": "PASSWORD"})
    worker.connectors["a"] = {
        "config": {"name": "a", "connector.class": "testing.FaultySource", "pin": "1234", "api.key": "k", "u": "db://a:b@c"},
        "state": "RUNNING",
    }
    _, outs, inputs = plugin.read("a", {"name": "a"})
    for values in (outs, inputs):
        assert {key for key, value in values["config"].items() if isinstance(value, dict)} == {"pin", "api.key", "u"}


def test_a_managed_state_drifts_and_an_unmanaged_one_does_not(worker: FakeWorker, plugin: Host) -> None:
    inputs, outs = deployed(worker, plugin, "jdbc-sink")
    worker.connectors["jdbc-sink"]["state"] = "PAUSED"
    _, now, seen = plugin.read("jdbc-sink", outs)
    assert (plain(seen), now["status"]) == (inputs, "paused")
    _, _, seen = plugin.read("jdbc-sink", {**outs, "state": "running"})
    assert seen["state"] == "paused"
    worker.connectors["jdbc-sink"].update(state="RUNNING", broken="boom")
    with forked_host(front_end=plugin.front_end) as later:
        later.configure(url=worker.url)
        _, now, seen = later.read("jdbc-sink", {**outs, "state": "running"})
    assert (seen["state"], now["status"]) == ("running", "failed")
    assert plugin.diff(now, {**inputs, "state": "running"}).changes == DIFF_SOME


def look_at(*urls: str) -> Observed | None:
    """The result of a refresh of connector `a`, on a fake clock."""
    clock = FakeClock()
    with operation_on(*urls, clock=clock) as operation:
        return read(operation.cluster, "a", clock.now() + 60)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, {"message": "Not Found", "url": "/", "status": "404"}),
        (404, b"<html>"),
        (404, b""),
        (503, b""),
        (500, {"error_code": 500, "message": "Request timed out"}),
    ],
)
def test_only_connects_own_message_proves_that_a_connector_is_gone(worker: FakeWorker, status: int, body: Any) -> None:
    worker.faults = [Fault("GET .*", status, body, times=1000)]
    with pytest.raises(ConnectError):
        look_at(worker.url)
    worker.faults = []
    assert look_at(worker.url) is None


def test_another_worker_that_knows_a_connector_is_believed(worker: FakeWorker) -> None:
    with fake_worker() as second:
        second.connectors["a"] = {"config": {}, "state": "RUNNING"}
        with pytest.raises(Unreachable, match="knows connector a and others do not"):
            look_at(worker.url, second.url)
        del second.connectors["a"]
        assert look_at(worker.url, second.url) is None


def test_a_missing_connector_is_an_error_for_get_and_gone_for_refresh(worker: FakeWorker, plugin: Host) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        plugin.read("a", {})
    assert caught.value.details() == plugin.error(f"connector a does not exist on {worker.url}")
    assert plugin.read("a", {"name": "a", "config": {}, "status": "running"})[0] == ""
