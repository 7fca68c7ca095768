"""The plugin process of the real SDK, and how many operations it lets run at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from pulumi_kafka_connectors import slots
from tests.support.host import Host, host
from tests.support.names import faulty
from tests.support.worker import FakeWorker, Fault


def creates(provider: Host, worker: FakeWorker, count: int) -> int:
    """Create so many connectors at once; the most that the worker saw under way."""
    worker.faults = [Fault("POST /connectors", delay=0.2, times=1000)]
    inputs, _ = provider.check({"name": "first", "config": faulty()})
    threads = [
        threading.Thread(target=provider.create, args=[{**inputs, "name": f"c{number}", "wait": False}])
        for number in range(count)
    ]
    worker.busiest = 0
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(worker.connectors) == count
    return worker.busiest


@pytest.mark.parametrize(("threads", "most"), [("", 12), ("6", 6), ("0", 4)])
def test_the_host_is_widened_and_would_else_run_four_at_once(worker: FakeWorker, threads: str, most: int) -> None:
    # A canary: when the SDK changes its host, the first case shows that `slots` does not find it any more, the last
    # that it may not be needed any more.
    with host({slots.VARIABLE: threads}) as provider:
        provider.configure(url=worker.url)
        assert creates(provider, worker, 12) == most


def test_no_other_process_is_touched() -> None:
    with ThreadPoolExecutor(max_workers=2) as pool:
        assert pool.submit(slots.widen).result() is None
        assert slots.widen() is None
        assert pool._max_workers == 2


def test_a_main_of_another_shape_is_left_alone() -> None:
    found: list[int | None] = []
    for local in ("", "server = 1", "server = type('S', (), {'_state': None})()"):
        code = f"def main():\n    {local or 'pass'}\n    found.append(widen('9'))\nmain()"
        exec(compile(code, "other", "exec"), {"__package__": "pulumi.dynamic", "found": found, "widen": slots.widen})
    assert found == [None, None, None]
