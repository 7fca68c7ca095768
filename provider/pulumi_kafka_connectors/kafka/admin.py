"""Topics on a Kafka cluster, through the admin client of `confluent-kafka`, which only this module imports.

It is optional: the `topics` extra of the distribution.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any, Final, TypeVar

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ConfigSource,
    NewPartitions,
    NewTopic,
    ResourceType,
)

from pulumi_kafka_connectors.kafka import TopicError, TopicMissing, TopicState

T = TypeVar("T")
log = logging.getLogger(__name__)

REQUEST_SECONDS: Final = 30.0
"""Default timeout of each request in seconds."""


class TopicAdmin:
    """Reads and changes the topics of one cluster; safe to share between threads.

    Args:
        properties: Kafka client properties: bootstrap.servers, security.protocol, sasl.mechanism, ...
        seconds: how long to wait for a broker to become available, and for its response.

    Raises:
        TopicError: a property is unknown or invalid.
    """

    def __init__(self, properties: Mapping[str, str], seconds: float = REQUEST_SECONDS) -> None:
        self._seconds = seconds
        self._cluster_id: str | None = None
        self._where = properties.get("bootstrap.servers", "")
        try:
            self._admin = AdminClient({**properties, "client.id": "pulumi-kafka-connectors"}, logger=log)
        except KafkaException as problem:
            raise TopicError(f"setting kafka-connectors:kafka: {_describe(problem)}") from None

    def cluster_id(self, seconds: float | None = None) -> str:
        """The ID of the Kafka cluster, requested once.

        Args:
            seconds: how long to wait, unless as long as for every request.

        Raises:
            TopicError: the brokers cannot be reached.
        """
        if self._cluster_id is None:
            described = self._admin.describe_cluster(request_timeout=seconds or self._seconds)
            try:
                self._cluster_id = described.result().cluster_id
            except KafkaException as problem:
                raise TopicError(f"{self._where}: {_describe(problem)}") from None
        return self._cluster_id or ""

    def find(self, name: str, seconds: float | None = None) -> TopicState | None:
        """The topic, or None when it does not exist.

        Args:
            name: of the topic.
            seconds: how long to wait for each response, unless as long as for every request.

        Raises:
            TopicError: the brokers cannot be reached or reject the request.
        """
        resource, timeout = ConfigResource(ResourceType.TOPIC, name), seconds or self._seconds
        try:
            found = self._result(name, self._admin.describe_topics(TopicCollection([name]), request_timeout=timeout))
            entries = self._result(name, self._admin.describe_configs([resource], request_timeout=timeout))
        except TopicMissing:
            return None
        own = {
            key: entry.value
            for key, entry in entries.items()
            if entry.source == ConfigSource.DYNAMIC_TOPIC_CONFIG.value and entry.value is not None
        }
        return TopicState(len(found.partitions), len(found.partitions[0].replicas), own)

    def create(self, name: str, wanted: TopicState) -> None:
        """Create the topic; the brokers learn of it one after the other.

        Raises:
            TopicError: the topic exists already, or the brokers reject the request.
        """
        new = NewTopic(name, wanted.partitions, wanted.replication_factor, config=dict(wanted.config))
        self._result(name, self._admin.create_topics([new], request_timeout=self._seconds))

    def grow(self, name: str, partitions: int) -> None:
        """Add partitions to the topic.

        Raises:
            TopicError: when the brokers refuse.
        """
        self._result(name, self._admin.create_partitions([NewPartitions(name, partitions)], request_timeout=self._seconds))

    def configure(self, name: str, config: Mapping[str, str], removed: list[str]) -> None:
        """Set the keys of `config` and reset those in `removed` to their defaults; others stay.

        Raises:
            TopicError: when the brokers refuse.
        """
        changes = [ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET) for key, value in config.items()]
        changes += [ConfigEntry(key, None, incremental_operation=AlterConfigOpType.DELETE) for key in removed]
        resource = ConfigResource(ResourceType.TOPIC, name, incremental_configs=changes)
        self._result(name, self._admin.incremental_alter_configs([resource], request_timeout=self._seconds))

    def delete(self, name: str) -> None:
        """Delete the topic and its data; does nothing when it does not exist.

        Raises:
            TopicError: when the brokers refuse.
        """
        try:
            self._result(name, self._admin.delete_topics([name], request_timeout=self._seconds))
        except TopicMissing:
            return

    def _result(self, name: str, futures: Mapping[Any, Future[T]]) -> T:
        """The result of a request for one topic."""
        try:
            return next(iter(futures.values())).result()
        except KafkaException as problem:
            error = problem.args[0]
            if error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
                raise TopicMissing(f"topic {name} does not exist on {self._where}") from None
            raise TopicError(f"topic {name} on {self._where}: {_describe(problem)}") from None


_MEANINGS: Final = {
    KafkaError._TIMED_OUT: "no broker answers: check bootstrap.servers and security.protocol",  # noqa: SLF001
    KafkaError._TRANSPORT: "the connection to the broker was lost",  # noqa: SLF001
    KafkaError._ALL_BROKERS_DOWN: "no broker can be reached: check bootstrap.servers",  # noqa: SLF001
    KafkaError._AUTHENTICATION: "the brokers rejected the login: check sasl.username and sasl.password",  # noqa: SLF001
}


def _describe(problem: KafkaException) -> str:
    error = problem.args[0]
    known = _MEANINGS.get(error.code())
    return known if known is not None else " ".join(error.str().split())
