"""A client for the Kafka Connect REST API, usable without Pulumi.

>>> from pulumi_kafka_connectors.connect import Client, Settings
>>> client = Client(Settings(urls=("http://127.0.0.1:8083",)))
>>> client.connectors()
['orders-sink']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_kafka_connectors.connect.clock import SYSTEM, Clock
from pulumi_kafka_connectors.connect.errors import (
    AlreadyExists,
    BadAnswer,
    BadRequest,
    BodyTooLarge,
    Busy,
    ConnectError,
    Forbidden,
    Indeterminate,
    InvalidConfig,
    NoRoute,
    NoStatus,
    NotFound,
    NotServing,
    NotStopped,
    OutcomeUnknown,
    PluginNotFound,
    Refused,
    StillRunning,
    TokenRefused,
    TokenUnavailable,
    Unauthorized,
    Unreachable,
    Unsendable,
    Unsupported,
    WorkerFailed,
)
from pulumi_kafka_connectors.connect.features import Features, Version, kafka_version
from pulumi_kafka_connectors.connect.settings import OAuth, Retry, Settings
from pulumi_kafka_connectors.connect.states import State

if TYPE_CHECKING:
    from pulumi_kafka_connectors.connect.client import Client
    from pulumi_kafka_connectors.connect.transport import Transport

__all__ = [
    "SYSTEM",
    "AlreadyExists",
    "BadAnswer",
    "BadRequest",
    "BodyTooLarge",
    "Busy",
    "Client",
    "Clock",
    "ConnectError",
    "Features",
    "Forbidden",
    "Indeterminate",
    "InvalidConfig",
    "NoRoute",
    "NoStatus",
    "NotFound",
    "NotServing",
    "NotStopped",
    "OAuth",
    "OutcomeUnknown",
    "PluginNotFound",
    "Refused",
    "Retry",
    "Settings",
    "State",
    "StillRunning",
    "TokenRefused",
    "TokenUnavailable",
    "Transport",
    "Unauthorized",
    "Unreachable",
    "Unsendable",
    "Unsupported",
    "Version",
    "WorkerFailed",
    "kafka_version",
]


# Imported lazily: importing pydantic and an HTTP library takes longer than the rest of an unchanged preview.
def __getattr__(name: str) -> Any:
    if name == "Client":
        from pulumi_kafka_connectors.connect.client import Client

        return Client
    if name == "Transport":
        from pulumi_kafka_connectors.connect.transport import Transport

        return Transport
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
