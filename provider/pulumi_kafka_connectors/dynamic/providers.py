"""The dynamic provider of each resource type, and the module of `core` with its operations."""

from __future__ import annotations

from typing import ClassVar

from pulumi_kafka_connectors.core import connectors, topics
from pulumi_kafka_connectors.core.operation import Operations
from pulumi_kafka_connectors.dynamic.base import Provider


class ConnectorProvider(Provider):
    """Create, read, update and delete of connectors for Pulumi's engine."""

    operations: ClassVar[Operations] = connectors


class TopicProvider(Provider):
    """Create, read, update and delete of topics for Pulumi's engine."""

    operations: ClassVar[Operations] = topics


# Pulumi's state refers to the providers by these names.
ConnectorProvider.__module__ = TopicProvider.__module__ = "pulumi_kafka_connectors.dynamic"
