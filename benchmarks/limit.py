"""Bare REST calls: the limit that the cluster itself sets, without a program or an engine."""

from __future__ import annotations

import contextlib
import http.client
import json
import queue
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from benchmarks.cluster import Cluster
from benchmarks.measure import Step

_CLIENTS = 32
_Job = tuple[str, str, object]


class Limit:
    """Sends requests over 32 keep-alive connections, each as soon as one is free."""

    name = "limit"
    process = ""

    def steps(self, cluster: Cluster, kind: str, count: int) -> Iterator[Step]:
        """Create, wait, read, change and delete all connectors."""
        changed = cluster.configs(kind, count, 2)
        started = time.monotonic()
        yield "create", lambda: self.create(cluster, kind, count)
        _until_running(cluster, count)
        yield "running", time.monotonic() - started
        yield "refresh", lambda: self._all(cluster, [("GET", f"/{name}/status", None) for name in changed])
        yield "update", lambda: self._all(cluster, [("PUT", f"/{name}/config", config) for name, config in changed.items()])
        yield "destroy", lambda: self.delete(cluster, kind, count)

    def create(self, cluster: Cluster, kind: str, count: int) -> None:
        """POST the connectors."""
        configs = cluster.configs(kind, count, 1)
        self._all(cluster, [("POST", "", {"name": name, "config": config}) for name, config in configs.items()])

    def delete(self, cluster: Cluster, kind: str, count: int) -> None:
        """DELETE the connectors."""
        self._all(cluster, [("DELETE", f"/{name}", None) for name in cluster.configs(kind, count, 1)])

    def _all(self, cluster: Cluster, jobs: list[_Job]) -> None:
        waiting: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        for job in jobs:
            waiting.put(job)
        errors: list[Exception] = []

        def work(url: str) -> None:
            connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
            try:
                while True:
                    _request(connection, *waiting.get_nowait())
            except queue.Empty:
                pass
            except Exception as error:  # noqa: BLE001 - raised by the calling thread
                errors.append(error)
            finally:
                connection.close()

        urls = cluster.urls
        threads = [threading.Thread(target=work, args=[urls[i % len(urls)]]) for i in range(min(_CLIENTS, len(jobs)))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]


@contextlib.contextmanager
def running(cluster: Cluster, kind: str, count: int) -> Iterator[None]:
    """Keep this many connectors running while the block is executed."""
    limit = Limit()
    limit.create(cluster, kind, count)
    _until_running(cluster, count)
    try:
        yield
    finally:
        limit.delete(cluster, kind, count)


def _request(connection: http.client.HTTPConnection, method: str, path: str, body: object) -> object:
    data = None if body is None else json.dumps(body)
    connection.request(method, f"/connectors{path}", data, {"Content-Type": "application/json"})
    response = connection.getresponse()
    raw = response.read()
    if response.status >= 400:
        raise RuntimeError(f"{method} /connectors{path}: {response.status} {raw[:300].decode()}")
    return json.loads(raw) if raw else None


def _until_running(cluster: Cluster, count: int) -> None:
    connection = http.client.HTTPConnection(urlsplit(cluster.urls[0]).netloc, timeout=120)
    while True:
        found = _request(connection, "GET", "?expand=status", None)
        assert isinstance(found, dict)
        states = [[task["state"] for task in entry.get("status", {}).get("tasks", [])] for entry in found.values()]
        if states == [["RUNNING"]] * count:
            connection.close()
            return
        time.sleep(0.05)
