"""Pulumi resources for Kafka Connect.

import pulumi_kafka_connectors as kc

kc.Connector("orders-sink", config={"connector.class": "...", "topics": "orders"})
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pulumi_kafka_connectors.connector import Connector, ConnectorError
    from pulumi_kafka_connectors.provider import Provider

__all__ = ["Connector", "ConnectorError", "Provider"]

_HOMES = {"Connector": "connector", "ConnectorError": "connector", "Provider": "provider"}


# Late, so that `pulumi_kafka_connectors.connect` can be used without Pulumi.
def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
