"""Pulumi resources for Kafka Connect.

import pulumi_kafka_connectors as kc

kc.Connector("orders-sink", config={"connector.class": "...", "topics": "orders"})
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pulumi_kafka_connectors.resources.connector import Connector
    from pulumi_kafka_connectors.resources.load import LoadFailed, load
    from pulumi_kafka_connectors.resources.lookups import (
        LookupFailed,
        get_connector,
        get_connector_output,
        get_connectors,
        get_connectors_output,
        get_loggers,
        get_loggers_output,
        get_offsets,
        get_offsets_output,
        get_plugin,
        get_plugin_output,
        get_plugins,
        get_plugins_output,
        get_status,
        get_status_output,
        get_tasks,
        get_tasks_output,
        get_topics,
        get_topics_output,
        get_worker,
        get_worker_output,
        validate,
        validate_output,
    )
    from pulumi_kafka_connectors.resources.provider import Provider
    from pulumi_kafka_connectors.resources.topic import Topic

__all__ = [
    "Connector",
    "LoadFailed",
    "LookupFailed",
    "Provider",
    "Topic",
    "get_connector",
    "get_connector_output",
    "get_connectors",
    "get_connectors_output",
    "get_loggers",
    "get_loggers_output",
    "get_offsets",
    "get_offsets_output",
    "get_plugin",
    "get_plugin_output",
    "get_plugins",
    "get_plugins_output",
    "get_status",
    "get_status_output",
    "get_tasks",
    "get_tasks_output",
    "get_topics",
    "get_topics_output",
    "get_worker",
    "get_worker_output",
    "load",
    "validate",
    "validate_output",
]

_MODULES = {
    "Connector": "connector",
    "LoadFailed": "load",
    "Provider": "provider",
    "Topic": "topic",
    "load": "load",
}


# Late, so that `pulumi_kafka_connectors.connect` can be used without Pulumi.
def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.resources.{_MODULES.get(name, 'lookups')}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
