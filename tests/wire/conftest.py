from __future__ import annotations

from collections.abc import Iterator

import pytest
from pulumi.runtime import set_all_config

from pulumi_kafka_connectors.connect import Client, Retry, Settings
from tests.support.clock import FakeClock
from tests.support.host import FRONT_ENDS, Host, forked_host
from tests.support.operations import OperationOn, operation_on
from tests.support.worker import FakeWorker, fake_worker


@pytest.fixture
def worker() -> Iterator[FakeWorker]:
    with fake_worker() as worker:
        yield worker


@pytest.fixture
def client(worker: FakeWorker) -> Client:
    return Client(Settings(urls=(worker.url,), timeout=2, retry=Retry(seconds=3, first=0.02, longest=0.1)))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def operation(worker: FakeWorker, clock: FakeClock) -> Iterator[OperationOn]:
    """An operation on the fake worker; both use the fake clock."""
    worker.clock = clock
    with operation_on(worker.url, clock=clock) as operation:
        yield operation


@pytest.fixture(scope="module", params=FRONT_ENDS)
def front_end(request: pytest.FixtureRequest) -> str:
    """Through which front end operations are called: tests that ask for it run through each."""
    return str(request.param)


@pytest.fixture
def plugin(worker: FakeWorker, front_end: str) -> Iterator[Host]:
    """The provider in its process, configured for the fake worker."""
    with forked_host(front_end=front_end) as plugin:
        plugin.configure(url=worker.url, retry="5")
        yield plugin


@pytest.fixture
def stack(worker: FakeWorker) -> Iterator[None]:
    """The configuration of a stack that uses the fake worker."""
    set_all_config({"kafka-connectors:url": worker.url, "kafka-connectors:retry": "1"})
    yield
    set_all_config({})
