"""Real workers of the sandbox, and clients for them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import requests

from pulumi_kafka_connectors.connect import Client, NoStatus, NotFound, Retry, Settings, State
from pulumi_kafka_connectors.connect.client import path_of
from sandbox.cluster import Broker, Sandbox, Worker, start_all
from tests.support.names import Names, faulty


def start_workers(box: Sandbox, broker: Broker, connectors: Path, group: str, version: str, count: int) -> list[Worker]:
    """Start a group of `count` workers."""
    workers = [
        Worker(box.folder / "workers", broker, group, number, version, [connectors]) for number in range(1, count + 1)
    ]
    start_all(workers)
    return workers


def client_of(*workers: Worker, retry: float = 60) -> Client:
    return Client(Settings(urls=tuple(worker.url for worker in workers), retry=Retry(seconds=retry)))


def exists(client: Client, name: str) -> bool:
    try:
        client.config(name)
    except NotFound:
        return False
    return True


def has_failed_task(client: Client, name: str) -> bool:
    """Whether a task shows that it has failed; there may be no status yet."""
    try:
        return any(task.state is State.FAILED for task in client.status(name).tasks)
    except NoStatus:
        return False


def followers_first(workers: Iterable[Worker]) -> list[Worker]:
    """The workers with the leader last; only the leader accepts a write with `forward=false`."""
    group, name = list(workers), Names()("leader")
    for worker in group:
        config = f"{worker.url}{path_of('connectors', name, 'config')}?forward=false"
        if requests.put(config, json=faulty(), timeout=30).ok:
            requests.delete(f"{worker.url}{path_of('connectors', name)}", timeout=30)
            return [other for other in group if other is not worker] + [worker]
    raise AssertionError("no worker is the leader")
