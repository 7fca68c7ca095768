"""Measures an operation: seconds, requests by HTTP method, peak memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from benchmarks.cluster import Cluster
from sandbox.processes import PeakMemory

Step = tuple[str, Callable[[], None] | float]
"""The name of an operation and a callable that runs it, or its duration in seconds if measured already."""


class Candidate(Protocol):
    """A tool that creates, changes and deletes connectors.

    Attributes:
        name: its column in the tables.
        process: part of the command line of the process whose memory is measured; empty for none.
    """

    name: str
    process: str

    def steps(self, cluster: Cluster, kind: str, count: int) -> Iterator[Step]:
        """The operations of one round, which ends with an empty cluster."""


@dataclass(frozen=True)
class Sample:
    """The measurements of an operation in one round; memory in KiB."""

    workers: int
    kind: str
    count: int
    candidate: str
    operation: str
    seconds: float
    calls: dict[str, int]
    peak: int


def run_round(candidate: Candidate, cluster: Cluster, kind: str, count: int) -> list[Sample]:
    """Run one round of a candidate."""
    samples = []
    for operation, act in candidate.steps(cluster, kind, count):
        seconds, calls, peak = act, dict[str, int](), 0
        if callable(act):
            requests = cluster.requests()
            with PeakMemory(candidate.process) as memory:
                started = time.monotonic()
                act()
                seconds = time.monotonic() - started
            calls, peak = requests.by_verb(), memory.kib
        assert isinstance(seconds, float)
        samples.append(Sample(len(cluster.workers), kind, count, candidate.name, operation, round(seconds, 3), calls, peak))
    return samples
