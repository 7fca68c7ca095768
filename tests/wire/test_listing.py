"""Number of requests for concurrent and sequential reads: they share one listing for a short time."""

from __future__ import annotations

import threading

import pytest

from pulumi_kafka_connectors.core.health import Observed
from pulumi_kafka_connectors.core.lifecycle import update
from pulumi_kafka_connectors.core.listing import LONGEST_SHARE, SHARE_SECONDS
from pulumi_kafka_connectors.core.observing import read
from pulumi_kafka_connectors.core.spec import spec_of
from tests.support.clock import FakeClock
from tests.support.names import faulty
from tests.support.operations import OperationOn
from tests.support.worker import FakeWorker, Fault


@pytest.fixture(autouse=True)
def connector(worker: FakeWorker) -> None:
    worker.connectors["a"] = {"config": faulty(), "state": "RUNNING"}


def look(operation: OperationOn, name: str = "a") -> Observed | None:
    return read(operation.cluster, name, operation.cluster.clock.now() + 60)


def looks_for(seconds: float, operation: OperationOn, clock: FakeClock) -> None:
    """Read ten times a second."""
    until = clock.now() + seconds
    while clock.now() < until:
        look(operation)
        clock.advance(0.1)


def slow_for(worker: FakeWorker, clock: FakeClock, seconds: float) -> None:
    """Let every status lookup of the worker take this long."""

    def slowly(_config: dict[str, str]) -> None:
        clock.advance(seconds)

    worker.failing = slowly


def test_many_concurrent_reads_share_one_listing(worker: FakeWorker, operation: OperationOn) -> None:
    for number in range(50):
        worker.connectors[f"c{number}"] = {"config": faulty(), "state": "RUNNING"}
    threads = [threading.Thread(target=look, args=(operation, f"c{number}")) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert worker.lines() == ["GET /connectors"]
    assert worker.requests[0].query == {"expand": ["status", "info"]}


def test_sequential_reads_make_two_listings_a_second(worker: FakeWorker, operation: OperationOn, clock: FakeClock) -> None:
    looks_for(10, operation, clock)
    assert worker.lines() == ["GET /connectors"] * len(worker.lines())
    assert 10 / SHARE_SECONDS * 0.7 <= len(worker.lines()) <= 10 / SHARE_SECONDS


def test_a_listing_that_takes_long_is_shared_for_longer(
    worker: FakeWorker, operation: OperationOn, clock: FakeClock
) -> None:
    slow_for(worker, clock, 0.2)
    look(operation)
    looks_for(LONGEST_SHARE, operation, clock)
    assert worker.lines() == ["GET /connectors"]
    looks_for(1, operation, clock)
    assert worker.lines() == ["GET /connectors"] * 2


def test_after_a_change_by_the_provider_no_older_listing_is_shared(
    worker: FakeWorker, operation: OperationOn, clock: FakeClock
) -> None:
    slow_for(worker, clock, 0.4)
    look(operation)
    update(operation, spec_of({"name": "a", "config": faulty()}), spec_of({"name": "a", "config": faulty(rate=3)}))
    clock.advance(SHARE_SECONDS)
    found = look(operation)
    assert found is not None
    assert found.config["rate"] == "3"


def test_workers_without_expand_are_asked_for_each(worker: FakeWorker, operation: OperationOn) -> None:
    worker.faults = [Fault("GET /connectors", 200, ["a"], times=1000)]
    found = look(operation)
    assert found is not None
    assert found.config == faulty()
