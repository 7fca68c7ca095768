"""What the state machine and the chaos found."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pulumi_kafka_connectors.core import connectors
from pulumi_kafka_connectors.core.operation import OperationFailed
from tests.support.clock import FakeClock
from tests.support.names import faulty
from tests.support.operations import OperationOn, operation_on
from tests.support.worker import FakeWorker, Fault, fake_worker


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def worker(clock: FakeClock) -> Iterator[FakeWorker]:
    with fake_worker(clock=clock) as made:
        yield made


@pytest.fixture
def operation(worker: FakeWorker, clock: FakeClock) -> Iterator[OperationOn]:
    with operation_on(worker.url, clock=clock) as made:
        yield made


def exists(worker: FakeWorker, **config: str) -> None:
    worker.connectors["a"] = {"config": {**faulty(**config), "name": "a"}, "state": "RUNNING"}


def test_a_refresh_hides_what_the_plugin_types_as_password_in_traces(worker: FakeWorker, operation: OperationOn) -> None:
    exists(worker, pin="pl4nted")
    worker.failing = lambda config: f"java.lang.Boom: no login with {config['pin']}"
    connectors.read(operation, "a", {})
    assert operation.heard.warnings == [
        "connector a: task 0 failed on 127.0.0.1:8083: java.lang.Boom: no login with [hidden]"
    ]


def test_a_trace_that_may_hold_a_masked_password_of_others_is_withheld(worker: FakeWorker, operation: OperationOn) -> None:
    exists(worker, db_password="hunter2")
    worker.connectors["a"]["state"] = "PAUSED"
    worker.masks, worker.lags = {"db.password"}, 1000
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
