"""The bare REST API: what the cluster itself allows, with no program or engine in between."""

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
    """Sends every request as soon as one of 32 kept-alive connections is free."""

    name = "limit"
    watched = ""

    def steps(self, cluster: Cluster, kind: str, count: int) -> Iterator[Step]:
        """Create, wait, read, change and delete all connectors."""
        after = cluster.configs(kind, count, 2)
        started = time.monotonic()
        yield "create", lambda: self.create(cluster, kind, count)
        _until_running(cluster, count)
        yield "running", time.monotonic() - started
        yield "refresh", lambda: self._all(cluster, [("GET", f"/{name}/status", None) for name in after])
        yield "update", lambda: self._all(cluster, [("PUT", f"/{name}/config", config) for name, config in after.items()])
        yield "destroy", lambda: self.delete(cluster, kind, count)

    def create(self, cluster: Cluster, kind: str, count: int) -> None:
        """POST so many connectors."""
        made = cluster.configs(kind, count, 1)
        self._all(cluster, [("POST", "", {"name": name, "config": config}) for name, config in made.items()])

    def delete(self, cluster: Cluster, kind: str, count: int) -> None:
        """DELETE them."""
        self._all(cluster, [("DELETE", f"/{name}", None) for name in cluster.configs(kind, count, 1)])

    def _all(self, cluster: Cluster, jobs: list[_Job]) -> None:
        waiting: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        for job in jobs:
            waiting.put(job)
        problems: list[Exception] = []

        def work(url: str) -> None:
            connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
            try:
                while True:
                    _request(connection, *waiting.get_nowait())
            except queue.Empty:
                pass
            except Exception as problem:  # noqa: BLE001 - told by the caller's thread
                problems.append(problem)
            finally:
                connection.close()

        urls = cluster.urls
        threads = [threading.Thread(target=work, args=[urls[i % len(urls)]]) for i in range(min(_CLIENTS, len(jobs)))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if problems:
            raise problems[0]


@contextlib.contextmanager
def running(cluster: Cluster, kind: str, count: int) -> Iterator[None]:
    """So many connectors on the cluster, for as long as the block takes."""
    bare = Limit()
    bare.create(cluster, kind, count)
    _until_running(cluster, count)
    try:
        yield
    finally:
        bare.delete(cluster, kind, count)


def _request(connection: http.client.HTTPConnection, method: str, path: str, body: object) -> object:
    data = None if body is None else json.dumps(body)
    connection.request(method, f"/connectors{path}", data, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    raw = answer.read()
    if answer.status >= 400:
        raise RuntimeError(f"{method} /connectors{path}: {answer.status} {raw[:300].decode()}")
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
