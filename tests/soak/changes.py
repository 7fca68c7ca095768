"""Changes of one key on real workers, every second one to a configuration that fails soon: `--changes CHANGES`."""

from __future__ import annotations

import statistics
import threading
import time
from collections import Counter
from pathlib import Path

from pulumi_kafka_connectors.core.lifecycle import create, delete, update
from pulumi_kafka_connectors.core.operation import Failure
from pulumi_kafka_connectors.core.spec import ConnectorSpec, spec_of
from sandbox import tools
from sandbox.cluster import Sandbox, Worker, start_all
from tests.support.names import faulty
from tests.support.operations import OperationOn, operation_on

ROOT = Path(__file__).resolve().parents[2]
THREADS = 8
FAIL_MS = 300
"""Milliseconds after its start at which a task of every second change fails."""


class Changes:
    """What was seen.

    Attributes:
        counts: changes by what they were and how they ended.
        seconds: how long each successful one took.
    """

    def __init__(self, count: int) -> None:
        self.left = count
        self.lock = threading.Lock()
        self.counts: Counter[str] = Counter()
        self.seconds: list[float] = []

    def _next(self) -> int | None:
        with self.lock:
            self.left -= 1
            return self.left if self.left >= 0 else None

    def make(self, operation: OperationOn, name: str) -> None:
        """Change one connector until there are enough changes."""

        def spec(rate: int, **more: str) -> ConnectorSpec:
            return spec_of({"name": name, "config": faulty(rate=rate, **more)})

        declared = spec(-1)
        create(operation, declared)
        while (number := self._next()) is not None:
            fails = number % 2 == 1
            wanted = spec(number, **{"fail.at": "poll", "fail.ms": str(FAIL_MS)} if fails else {})
            began = time.monotonic()
            try:
                update(operation, declared, wanted)
            except Failure as problem:
                outcome = "told" if "told to fail" in str(problem) else f"other: {problem}"
            else:
                outcome = "healthy"
                declared = wanted
            with self.lock:
                self.counts[f"{'failing' if fails else 'good'}: {outcome}"] += 1
                if not fails:
                    self.seconds.append(time.monotonic() - began)
        delete(operation, declared)


def run(count: int) -> int:
    """Make so many changes on three workers; 1 if one that fails was called healthy, or a good one was not."""
    box = Sandbox(ROOT / ".sandbox" / "changes")
    box.purge()
    seen = Changes(count)
    try:
        box.broker.start()
        connectors = tools.compile_connectors(ROOT / "tests" / "connectors", box.folder / "connectors")
        workers = [Worker(box.folder / "workers", box.broker, "changes", n, plugin_path=[connectors]) for n in (1, 2, 3)]
        start_all(workers)
        with operation_on(*(worker.url for worker in workers), timeout=60, retry=60) as operation:
            threads = [threading.Thread(target=seen.make, args=(operation, f"c{number}")) for number in range(THREADS)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    finally:
        box.purge()
    print(f"changes: {dict(seen.counts)}; a good one took {statistics.median(seen.seconds):.2f} s (median)")
    return int(set(seen.counts) != {"failing: told", "good: healthy"})
