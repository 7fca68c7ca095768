"""Every endpoint on workers of every version that the sandbox lists; missing endpoints of older workers are asserted, not skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from pulumi_kafka_connectors.connect import Client, Unsupported
from sandbox.cluster import Worker
from sandbox.versions import WORKERS
from tests.support.clusters import client_of
from tests.support.endpoints import ENDPOINTS, Endpoint, wait_for_task
from tests.support.names import Names, faulty


@pytest.fixture(scope="module", params=WORKERS)
def cluster(request: pytest.FixtureRequest, group: Callable[[str], list[Worker]]) -> Iterator[tuple[str, Client, str]]:
    client = client_of(*group(request.param))
    name = Names()("shared")
    client.put_config(name, faulty())
    wait_for_task(client, name)
    yield request.param, client, name
    client.delete(name)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.path)
def test_an_endpoint_works_where_the_worker_has_it(cluster: tuple[str, Client, str], endpoint: Endpoint) -> None:
    version, client, name = cluster
    if endpoint.on(version):
        assert endpoint.call(client, name)
        return
    with pytest.raises(Unsupported) as caught:
        endpoint.call(client, name)
    assert endpoint.first in str(caught.value)
    assert f"version {version}" in str(caught.value)
