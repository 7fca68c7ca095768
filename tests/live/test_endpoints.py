"""Every endpoint on workers of Kafka 2.8, 3.9 and 4.3; missing endpoints of older workers are asserted, not skipped."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pulumi_kafka_connectors.connect import Client, Unsupported
from tests.support.clusters import client_of
from tests.support.endpoints import ENDPOINTS, VERSIONS, Endpoint, wait_for_task
from tests.support.names import Names, faulty

FIXTURES = dict(zip(VERSIONS, ("kafka_2", "kafka_3", "trio"), strict=True))


@pytest.fixture(scope="module", params=VERSIONS)
def cluster(request: pytest.FixtureRequest) -> Iterator[tuple[str, Client, str]]:
    made = request.getfixturevalue(FIXTURES[request.param])
    client = client_of(*(made if isinstance(made, list) else [made]))
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
