from __future__ import annotations

from collections.abc import Iterator

import pytest

from pulumi_kafka_connectors.connect import Client, Retry, Settings
from tests.support.host import Host, host
from tests.support.worker import FakeWorker, fake_worker


@pytest.fixture
def worker() -> Iterator[FakeWorker]:
    with fake_worker() as made:
        yield made


@pytest.fixture
def client(worker: FakeWorker) -> Client:
    return Client(Settings(urls=(worker.url,), timeout=2, retry=Retry(seconds=3, first=0.02, longest=0.1)))


@pytest.fixture
def plugin(worker: FakeWorker) -> Iterator[Host]:
    """The provider in its plugin process, configured for the fake worker."""
    with host() as made:
        made.configure(url=worker.url, retry="5")
        yield made
