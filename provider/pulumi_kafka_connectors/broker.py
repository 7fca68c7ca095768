"""Topics on a Kafka cluster, through `confluent-kafka`'s admin client: the only place with it, and optional.

It is the `topics` extra of the distribution.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import lru_cache
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

from pulumi_kafka_connectors.failure import Failure

T = TypeVar("T")
log = logging.getLogger(__name__)

REQUEST_SECONDS: Final = 30.0
"""How long brokers are looked for, and how long one of them may take to answer."""
VISIBLE_SECONDS: Final = 30.0
"""How long a change may take to be seen by all brokers."""
_LOOK: Final = 0.1


@dataclass(frozen=True)
class TopicState:
    """A topic as it is: `config` holds only what was set for this topic, not the defaults."""

    partitions: int
    replication_factor: int
    config: Mapping[str, str]


class Topics:
    """Looks at and changes the topics of one cluster; safe to share between threads.

    Args:
        properties: of a Kafka client: bootstrap.servers, security.protocol, sasl.mechanism, ...

    Raises:
        Failure: a property is not known or cannot be used.
    """

    def __init__(self, properties: Mapping[str, str]) -> None:
        self._where = properties.get("bootstrap.servers", "")
        try:
            self._admin = AdminClient({**properties, "client.id": "pulumi-kafka-connectors"}, logger=log)
        except KafkaException as problem:
            raise Failure(f"setting kafka-connectors:kafka: {_sentence(problem)}") from None

    def find(self, name: str) -> TopicState | None:
        """The topic, or None when there is none.

        Raises:
            Failure: the brokers cannot be reached or refuse.
        """
        resource = ConfigResource(ResourceType.TOPIC, name)
        try:
            found = self._one(name, self._admin.describe_topics(TopicCollection([name]), request_timeout=REQUEST_SECONDS))
            entries = self._one(name, self._admin.describe_configs([resource], request_timeout=REQUEST_SECONDS))
        except _Missing:
            return None
        own = {
            key: entry.value
            for key, entry in entries.items()
            if entry.source == ConfigSource.DYNAMIC_TOPIC_CONFIG.value and entry.value is not None
        }
        return TopicState(len(found.partitions), len(found.partitions[0].replicas), own)

    def create(self, name: str, wanted: TopicState) -> None:
        """Create the topic and wait until it is there.

        Raises:
            Failure: also when it exists.
        """
        new = NewTopic(name, wanted.partitions, wanted.replication_factor, config=dict(wanted.config))
        self._one(name, self._admin.create_topics([new], request_timeout=REQUEST_SECONDS))
        self._until(name, lambda state: state is not None)

    def grow(self, name: str, partitions: int) -> None:
        """Give the topic more partitions.

        Raises:
            Failure: when the brokers refuse.
        """
        self._one(name, self._admin.create_partitions([NewPartitions(name, partitions)], request_timeout=REQUEST_SECONDS))
        self._until(name, lambda state: state is not None and state.partitions == partitions)

    def configure(self, name: str, config: Mapping[str, str], removed: list[str]) -> None:
        """Set these keys, and let these have their defaults again; others stay.

        Raises:
            Failure: when the brokers refuse.
        """
        changes = [ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET) for key, value in config.items()]
        changes += [ConfigEntry(key, None, incremental_operation=AlterConfigOpType.DELETE) for key in removed]
        resource = ConfigResource(ResourceType.TOPIC, name, incremental_configs=changes)
        self._one(name, self._admin.incremental_alter_configs([resource], request_timeout=REQUEST_SECONDS))

        def seen(state: TopicState | None) -> bool:
            kept = {} if state is None else state.config
            return all(kept.get(key) == value for key, value in config.items()) and not kept.keys() & set(removed)

        self._until(name, seen)

    def delete(self, name: str) -> None:
        """Delete the topic and its data; one that is not there is deleted already.

        Raises:
            Failure: when the brokers refuse.
        """
        try:
            self._one(name, self._admin.delete_topics([name], request_timeout=REQUEST_SECONDS))
        except _Missing:
            return
        self._until(name, lambda state: state is None)

    def _one(self, name: str, futures: Mapping[Any, Future[T]]) -> T:
        """The one result of a request for one topic."""
        try:
            return next(iter(futures.values())).result()
        except KafkaException as problem:
            error = problem.args[0]
            if error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
                raise _Missing(f"topic {name} does not exist on {self._where}") from None
            raise Failure(f"topic {name} on {self._where}: {_sentence(problem)}") from None

    def _until(self, name: str, seen: Callable[[TopicState | None], bool]) -> None:
        until = time.monotonic() + VISIBLE_SECONDS
        while not seen(self.find(name)):
            if time.monotonic() > until:
                raise Failure(f"topic {name} on {self._where}: the change cannot be seen after {VISIBLE_SECONDS:.0f} s")
            time.sleep(_LOOK)


class _Missing(Failure):
    """There is no such topic."""


_MEANINGS: Final = {
    KafkaError._TIMED_OUT: "no broker answers: check bootstrap.servers, and the security.protocol",  # noqa: SLF001
    KafkaError._TRANSPORT: "the connection to the broker is lost",  # noqa: SLF001
    KafkaError._ALL_BROKERS_DOWN: "no broker can be reached: check bootstrap.servers",  # noqa: SLF001
    KafkaError._AUTHENTICATION: "the brokers refuse the login: check sasl.username and sasl.password",  # noqa: SLF001
}


def _sentence(problem: KafkaException) -> str:
    error = problem.args[0]
    known = _MEANINGS.get(error.code())
    return known if known is not None else " ".join(error.str().split())


@lru_cache(maxsize=64)
def topics_of(properties: tuple[tuple[str, str], ...]) -> Topics:
    """The one client of that cluster in this process."""
    return Topics(dict(properties))
