"""The fake worker against the endpoint table of the real workers: it behaves as they do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pulumi_kafka_connectors.connect import Client, Retry, Settings, Unsupported
from sandbox.versions import WORKERS
from tests.support.endpoints import ENDPOINTS, Endpoint
from tests.support.names import faulty
from tests.support.worker import fake_worker


@pytest.fixture(scope="module", params=WORKERS)
def cluster(request: pytest.FixtureRequest) -> Iterator[tuple[str, Client]]:
    with fake_worker(request.param) as worker:
        client = Client(Settings(urls=(worker.url,), timeout=5, retry=Retry(seconds=1)))
        client.put_config("shared", faulty())
        yield request.param, client


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.path)
def test_the_fake_worker_answers_an_endpoint_as_real_ones_do(cluster: tuple[str, Client], endpoint: Endpoint) -> None:
    version, client = cluster
    if endpoint.on(version):
        assert endpoint.call(client, "shared")
        return
    with pytest.raises(Unsupported) as caught:
        endpoint.call(client, "shared")
    assert endpoint.first in str(caught.value)
    assert f"version {version}" in str(caught.value)
