"""One object per Kafka cluster whose topics are declared: its admin client and what this run knows about its topics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pulumi_kafka_connectors.core.clock import SYSTEM
from pulumi_kafka_connectors.core.memo import Memo
from pulumi_kafka_connectors.core.operation import Failure, Operation
from pulumi_kafka_connectors.core.registry import Registry
from pulumi_kafka_connectors.core.settings import PREVIEW_SECONDS
from pulumi_kafka_connectors.kafka import TopicError, TopicState

if TYPE_CHECKING:
    from pulumi_kafka_connectors.kafka.admin import TopicAdmin

ABSENT_SECONDS: Final = 30.0
"""Seconds for which previews do not ask brokers again that did not answer."""


@dataclass
class Brokers:
    """The brokers of one Kafka cluster.

    Attributes:
        admin: reads and changes topics.
        own_names: former topic names of resources in this run.
        owners: the resource that created or took over a topic in this run, by topic name.
        memo: whether the brokers failed to respond a moment ago.
    """

    admin: TopicAdmin
    own_names: set[str] = field(default_factory=set)
    owners: dict[str, str] = field(default_factory=dict)
    memo: Memo = field(default_factory=lambda: Memo(SYSTEM), repr=False)

    def find_existing(self, name: str) -> TopicState | None:
        """The topic of that name, if a broker answers quickly; None also if that cannot be determined."""
        if self.memo.absent:
            return None
        try:
            return self.admin.find(name, PREVIEW_SECONDS)
        except TopicError:
            self.memo.leave_alone(ABSENT_SECONDS)
            return None


@contextmanager
def translate_topic_errors() -> Iterator[None]:
    """Make what the brokers refuse a `Failure`."""
    try:
        yield
    except TopicError as problem:
        raise Failure(str(problem)) from None


def brokers_of(operation: Operation) -> Brokers:
    """The brokers that the settings name; does not contact them.

    Raises:
        Failure: `confluent-kafka` is not installed, or a client property is wrong.
        SettingsError: a setting is missing or cannot be used.
    """
    with translate_topic_errors():
        return _BROKERS.of(tuple(sorted(operation.access.kafka().items())))


def addresses(properties: Mapping[str, str]) -> list[str]:
    """The addresses of the brokers in the properties of a Kafka client."""
    return [address.strip() for address in properties["bootstrap.servers"].split(",")]


def _make(properties: tuple[tuple[str, str], ...]) -> Brokers:
    try:
        from pulumi_kafka_connectors.kafka.admin import TopicAdmin
    except ImportError:
        raise Failure("topics need another library: run `pip install pulumi-kafka-connectors[topics]`") from None
    return Brokers(TopicAdmin(dict(properties)))


_BROKERS: Final = Registry(_make, kind=lambda properties: dict(properties).get("bootstrap.servers"))
