"""Types for topics on a Kafka cluster, usable without the optional `confluent-kafka`, which `admin` needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


class TopicError(Exception):
    """The brokers cannot be reached, or reject a request; the text is one line."""


class TopicMissing(TopicError):
    """The topic does not exist."""


@dataclass(frozen=True)
class TopicState:
    """The actual state of a topic: `config` contains only what was set for this topic, not the defaults."""

    partitions: int
    replication_factor: int
    config: Mapping[str, str] = field(default_factory=dict, repr=False)
