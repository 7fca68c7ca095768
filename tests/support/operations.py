"""Operations of `core` on the workers of a test, each with its own `Cluster` instead of one shared by the process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pulumi_kafka_connectors.connect import Client
from pulumi_kafka_connectors.core.clock import SYSTEM, Clock
from pulumi_kafka_connectors.core.cluster import Cluster
from pulumi_kafka_connectors.core.operation import Listener, Operation
from pulumi_kafka_connectors.core.settings import Access


class RecordingListener(Listener):
    """Records the messages of an operation."""

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.progress_messages: list[str] = []

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def progress(self, text: str) -> None:
        self.progress_messages.append(text)


class OperationOn(Operation):
    """An operation on a given `Cluster`, with a listener that records its messages."""

    def __init__(self, access: Access, cluster: Cluster) -> None:
        self.listener = RecordingListener()
        super().__init__(access, self.listener)
        self._cluster = cluster
        self.redactor.follow(cluster.issued_tokens)

    @property
    def cluster(self) -> Cluster:
        return self._cluster

    @property
    def client(self) -> Client:
        """A client for the requests of the test itself."""
        return self._cluster.client


@contextmanager
def operation_on(
    *urls: str, clock: Clock = SYSTEM, environment: Mapping[str, str] | None = None, **settings: Any
) -> Iterator[OperationOn]:
    """An operation on these workers; `settings` override the defaults, which time out after seconds rather than minutes."""
    access = Access({"url": list(urls), "timeout": 2, "retry": 3, **settings}, environment or {})
    cluster = Cluster(access.settings(), clock)
    try:
        yield OperationOn(access, cluster)
    finally:
        cluster.close()
