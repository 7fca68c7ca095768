from __future__ import annotations

import gc
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from pulumi_kafka_connectors.connect import Settings
from pulumi_kafka_connectors.core.cluster import CLUSTERS, Cluster, in_background
from pulumi_kafka_connectors.core.memo import Memo
from tests.support.clock import FakeClock

SETTINGS = Settings(urls=("http://127.0.0.1:1",), password="hunter2", username="u")


def test_responses_are_cached_and_failures_are_not() -> None:
    memo, asked = Memo(FakeClock()), list[str]()

    def ask() -> str:
        asked.append("asked")
        if len(asked) == 1:
            raise ValueError
        return "answer"

    with pytest.raises(ValueError, match=r"^$"):
        memo.once("question", ask)
    assert [memo.once("question", ask), memo.once("question", ask)] == ["answer"] * 2
    assert len(asked) == 2
    assert memo.once("another", lambda: None) is None
    assert memo.once("another", ask) is None


def test_an_absent_cluster_is_left_alone_for_a_while_and_reported_once() -> None:
    clock = FakeClock()
    memo = Memo(clock)
    assert not memo.absent
    assert memo.leave_alone(60)
    clock.advance(59)
    assert memo.absent
    assert not memo.leave_alone(60)
    clock.advance(59.9)
    assert memo.absent
    clock.advance(0.2)
    assert not memo.absent
    assert memo.leave_alone(60)


def test_a_call_in_the_background_hands_over_its_result_or_its_failure() -> None:
    assert in_background(lambda: 5).result(10) == 5
    with pytest.raises(ZeroDivisionError):
        in_background(lambda: 1 // 0).result(10)


def test_the_process_exits_without_waiting_for_an_abandoned_call() -> None:
    code = (
        "import threading\n"
        "from pulumi_kafka_connectors.core.cluster import in_background\n"
        "in_background(lambda: threading.Event().wait(300))\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_few_waiting_operations_poll_individually_and_many_share_listings(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster(SETTINGS, FakeClock())
    listed: list[float] = []
    monkeypatch.setattr(cluster, "_listings", {False: _Listing(listed, 0)})
    waits = [cluster.waiting() for _ in range(5)]
    for count, wait in enumerate(waits, 1):
        wait.__enter__()
        assert (cluster.current_statuses(10.0) is not None) is (count > 4)
    monkeypatch.setattr(cluster, "_listings", {False: _Listing(listed, 20)})
    assert cluster.current_statuses(10.0) is None
    for wait in waits:
        wait.__exit__(None, None, None)
    monkeypatch.setattr(cluster, "_listings", {False: _Listing(listed, 0)})
    assert cluster.current_statuses(10.0) is None
    assert len(listed) == 1


class _Listing:
    def __init__(self, listed: list[float], connectors: int) -> None:
        self._listed, self._connectors = listed, connectors

    def __len__(self) -> int:
        return self._connectors

    def entries(self, since: float, deadline: float) -> dict[str, object]:
        self._listed.append(since)
        return {}


def test_the_repr_of_a_cluster_shows_no_secret() -> None:
    assert "hunter2" not in repr(Cluster(SETTINGS))
    assert "127.0.0.1:1" in repr(Cluster(SETTINGS))


def test_sixteen_threads_share_one_cluster_of_the_same_settings() -> None:
    with ThreadPoolExecutor(16) as threads:
        together = threading.Barrier(16)

        def ask() -> Cluster:
            together.wait()
            return CLUSTERS.of(SETTINGS)

        found = {id(result.result()) for result in [threads.submit(ask) for _ in range(16)]}
    assert len(found) == 1
    CLUSTERS.clear()


def test_three_hundred_rotated_logins_leave_two_clusters() -> None:
    for number in range(300):
        CLUSTERS.of(Settings(urls=SETTINGS.urls, token=f"t{number}"))
    gc.collect()
    assert len(CLUSTERS) == 2
    CLUSTERS.clear()
