"""Operations of `core` on workers of a test, each on a cluster object of its own that no other test shares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pulumi_kafka_connectors.connect import Client
from pulumi_kafka_connectors.core.clock import SYSTEM, Clock
from pulumi_kafka_connectors.core.cluster import Cluster
from pulumi_kafka_connectors.core.operation import Listener, Operation
from pulumi_kafka_connectors.core.settings import Access


class Heard(Listener):
    """Keeps what an operation says while it runs."""

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.waits: list[str] = []

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def progress(self, text: str) -> None:
        self.waits.append(text)


class OperationOn(Operation):
    """An operation on a given cluster instead of one that the whole process shares."""

    def __init__(self, access: Access, cluster: Cluster) -> None:
        self.heard = Heard()
        super().__init__(access, self.heard)
        self._cluster = cluster

    @property
    def cluster(self) -> Cluster:
        return self._cluster

    @property
    def client(self) -> Client:
        """For what a test itself asks the workers."""
        return self._cluster.client


@contextmanager
def operation_on(
    *urls: str, clock: Clock = SYSTEM, environment: Mapping[str, str] | None = None, **settings: Any
) -> Iterator[OperationOn]:
    """An operation on these workers; further settings by name, time-outs of seconds rather than minutes unless told."""
    access = Access({"url": list(urls), "timeout": 2, "retry": 3, **settings}, environment or {})
    cluster = Cluster(access.settings(), clock)
    try:
        yield OperationOn(access, cluster)
    finally:
        cluster.close()
