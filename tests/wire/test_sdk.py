"""The workarounds in the plugin process of the real SDK: concurrent operations, and errors without tracebacks."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import grpc
import pytest
from pulumi.dynamic import CreateResult, ResourceProvider
from pulumi.dynamic.dynamic import serialize_provider

from pulumi_kafka_connectors.dynamic.sdk import THREADS_VARIABLE
from tests.support.host import HOST_SHOWS_EXCEPTIONS, Host, host
from tests.support.names import faulty
from tests.support.waiting import wait_until
from tests.support.worker import FakeWorker, Fault, connect_error


@pytest.fixture(scope="module")
def front_end() -> str:
    """The plugin does not use the SDK's host."""
    return "dynamic"


# Threads


def most_at_once(provider: Host, worker: FakeWorker, count: int, expected: int) -> int:
    """Create connectors concurrently; returns the highest number of concurrent requests that the worker saw."""
    worker.faults = [Fault("POST /connectors", delay=0.2, times=1000)]
    inputs, _ = provider.check({"name": "first", "config": faulty()})
    threads = [
        threading.Thread(target=provider.create, args=[{**inputs, "name": f"c{number}", "wait": False}])
        for number in range(count)
    ]
    worker.peak_active = 0
    # The worker is blocked meanwhile, so that all possible requests arrive even on a slow machine.
    with worker.group.lock:
        for thread in threads:
            thread.start()
        wait_until(lambda: worker.active >= expected, f"not {expected} at once")
    for thread in threads:
        thread.join()
    assert len(worker.connectors) == count
    return worker.peak_active


@pytest.mark.parametrize(("threads", "most"), [("", 12), ("6", 6), ("0", 4)])
def test_the_host_runs_64_operations_at_once_instead_of_four(worker: FakeWorker, threads: str, most: int) -> None:
    # A canary: when the SDK changes its host, the first case shows that its threads are no longer found, the last one that
    # the workaround may be unnecessary.
    with host({THREADS_VARIABLE: threads}) as provider:
        provider.configure(url=worker.url)
        assert most_at_once(provider, worker, 12, most) == most


# Tracebacks


class Failing(ResourceProvider):
    """A third-party dynamic provider in the same process."""

    def create(self, props: dict[str, object]) -> CreateResult:
        raise RuntimeError("not ours")


@pytest.fixture
def other(plugin: Host) -> Iterator[Host]:
    """The same plugin process, running operations of another provider."""
    made = Host(plugin.port, provider=serialize_provider(Failing()))
    yield made
    made.close()


def failure(provider: Host, props: dict[str, object]) -> str:
    with pytest.raises(grpc.RpcError) as caught:
        provider.create(props)
    return str(caught.value.details())


def test_the_traceback_of_another_provider_is_whole_again_after_an_error_of_ours(
    worker: FakeWorker, plugin: Host, other: Host
) -> None:
    before = failure(other, {})
    assert ("in create" in before) is HOST_SHOWS_EXCEPTIONS
    worker.faults = [Fault("POST /connectors", 400, connect_error(400, "no"))]
    assert failure(plugin, {"name": "a", "config": faulty()}).startswith(plugin.error("").strip())

    def whole_again() -> bool:
        # Any of our operations restores the limit; on a different thread than the failed one only after a second.
        plugin.check({"name": "a", "config": faulty()})
        return failure(other, {}) == before

    wait_until(whole_again)
