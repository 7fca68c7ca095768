"""What the state machine and the chaos found."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_kafka_connectors.core import connectors
from pulumi_kafka_connectors.core.operation import OperationFailed
from tests.support.clock import FakeClock
from tests.support.names import faulty
from tests.support.operations import OperationOn
from tests.support.worker import FakeWorker, Fault, connect_error


def exists(worker: FakeWorker, **config: str) -> None:
    worker.connectors["a"] = {"config": {**faulty(**config), "name": "a"}, "state": "RUNNING"}


def test_a_refresh_hides_what_the_plugin_types_as_password_in_traces(worker: FakeWorker, operation: OperationOn) -> None:
    exists(worker, pin="pl4nted")
    worker.failing = lambda config: f"java.lang.Boom: no login with {config['pin']}"
    connectors.read(operation, "a", {})
    assert operation.listener.warnings == [
        "connector a: task 0 failed on 127.0.0.1:8083: java.lang.Boom: no login with [hidden]"
    ]


def test_a_trace_that_may_hold_a_masked_password_of_others_is_withheld(worker: FakeWorker, operation: OperationOn) -> None:
    exists(worker, db_password="hunter2")
    worker.connectors["a"]["state"] = "PAUSED"
    worker.masks, worker.config_delay = {"db.password"}, 1000
    worker.failing = lambda config: f"java.lang.Boom: no login with {config['db.password']}"
    config = faulty(rate=2, db_password="ours")
    with pytest.raises(
        OperationFailed, match=r"withheld, since it may hold the value of db\.password, which the workers mask"
    ):
        connectors.create(operation, {"name": "a", "config": config, "adopt": True, "timeouts": {"create": 3}})


def test_an_odd_answer_to_the_look_for_what_a_lost_answer_created_leaves_no_orphan(
    worker: FakeWorker, operation: OperationOn
) -> None:
    worker.faults = [Fault("POST /connectors", close="now", act=True), Fault("GET /connectors/a", 403, b"no")]
    assert connectors.create(operation, {"name": "a", "config": faulty()}).id == "a"
    assert worker.writes() == ["POST /connectors"]


def test_a_trace_of_a_failed_connector_taken_over_behind_a_mask_is_withheld(
    worker: FakeWorker, operation: OperationOn
) -> None:
    exists(worker, db_password="hunter2")
    worker.masks = {"db.password"}
    worker.failing = lambda config: f"java.lang.Boom: no login with {config['db.password']}"
    with pytest.raises(OperationFailed, match="the trace is withheld"):
        connectors.create(operation, {"name": "a", "config": faulty(db_password="ours"), "adopt": "same"})


def test_a_lost_post_whose_outcome_nobody_can_see_says_so(worker: FakeWorker, operation: OperationOn) -> None:
    worker.faults = [Fault("POST /connectors", close="now", act=True), Fault("GET /connectors/a", 403, b"no", times=1000)]
    with pytest.raises(
        OperationFailed,
        match=r"closed without an answer.*; connector a may have been created: it was left as it is, since nobody",
    ):
        connectors.create(operation, {"name": "a", "config": faulty()})


@pytest.mark.parametrize("times", [1, 3])
def test_an_odd_answer_at_the_end_of_the_look_for_what_a_lost_answer_created_leaves_no_orphan(
    worker: FakeWorker, operation: OperationOn, clock: FakeClock, times: int
) -> None:
    worker.faults = [Fault("POST /connectors", 500, connect_error(500, "boom"), act=True)]
    worker.faults += [Fault("GET /connectors/a", 500, connect_error(500, "boom"), times=times)]
    assert connectors.create(operation, {"name": "a", "config": faulty()}).id == "a"
    assert worker.writes() == ["POST /connectors"]


@pytest.mark.parametrize(
    "odd",
    [
        {"status": 403, "body": b"no"},
        {"status": 200, "body": b"<html>"},
        {"status": 500, "body": connect_error(500, "boom")},
    ],
)
def test_an_odd_answer_to_the_look_after_a_delete_does_not_end_the_wait(
    worker: FakeWorker, operation: OperationOn, odd: dict[str, Any]
) -> None:
    exists(worker)
    worker.faults = [Fault("GET /connectors/a/status", **odd)]
    connectors.delete(operation, "a", {})
    assert not worker.connectors


@pytest.mark.parametrize("answer", [{"status": 500, "body": connect_error(500, "boom")}, {"status": 200, "body": b"<html>"}])
def test_a_delete_that_was_acted_on_in_spite_of_its_answer_is_a_success(
    worker: FakeWorker, operation: OperationOn, answer: dict[str, Any]
) -> None:
    exists(worker)
    worker.faults = [Fault("DELETE /connectors/a", **answer, act=True)]
    connectors.delete(operation, "a", {})
    assert not worker.connectors


def test_a_delete_that_was_refused_and_not_acted_on_fails_with_the_refusal(
    worker: FakeWorker, operation: OperationOn
) -> None:
    exists(worker)
    worker.faults = [Fault("DELETE /connectors/a", 500, connect_error(500, "boom"))]
    with pytest.raises(OperationFailed, match=r"DELETE .*: 500 boom"):
        connectors.delete(operation, "a", {})
    assert worker.connectors.keys() == {"a"}
