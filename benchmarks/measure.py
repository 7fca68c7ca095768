"""One operation measured: seconds, requests by verb, peak memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from benchmarks.cluster import Cluster
from sandbox.processes import Peak

Step = tuple[str, Callable[[], None] | float]
"""Name of an operation and what does it, or seconds that were measured already."""


class Contestant(Protocol):
    """Somebody who creates, changes and deletes connectors.

    Attributes:
        name: column of the tables.
        watched: part of the command line of the process whose memory counts; empty for none.
    """

    name: str
    watched: str

    def steps(self, cluster: Cluster, kind: str, count: int) -> Iterator[Step]:
        """The operations of one round, which ends with nothing on the cluster."""


@dataclass(frozen=True)
class Sample:
    """What one operation of one round took; memory in KiB."""

    workers: int
    kind: str
    count: int
    contestant: str
    operation: str
    seconds: float
    calls: dict[str, int]
    peak: int


def round_of(contestant: Contestant, cluster: Cluster, kind: str, count: int) -> list[Sample]:
    """One round of one contestant."""
    samples = []
    for operation, act in contestant.steps(cluster, kind, count):
        seconds, calls, peak = act, dict[str, int](), 0
        if callable(act):
            requests = cluster.requests()
            with Peak(contestant.watched) as memory:
                started = time.monotonic()
                act()
                seconds = time.monotonic() - started
            calls, peak = requests.by_verb(), memory.kib
        assert isinstance(seconds, float)
        samples.append(Sample(len(cluster.workers), kind, count, contestant.name, operation, round(seconds, 3), calls, peak))
    return samples
