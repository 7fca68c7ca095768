"""Topics on a Kafka cluster: what is said about them without the optional `confluent-kafka`, which `admin` needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


class TopicError(Exception):
    """The brokers cannot be reached, or refuse; one sentence."""


class TopicMissing(TopicError):
    """There is no such topic."""


@dataclass(frozen=True)
class TopicState:
    """A topic as it is: `config` holds only what was set for this topic, not the defaults."""

    partitions: int
    replication_factor: int
    config: Mapping[str, str] = field(default_factory=dict, repr=False)
