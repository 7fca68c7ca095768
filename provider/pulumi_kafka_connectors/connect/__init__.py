"""A client for the Kafka Connect REST API, usable without Pulumi.

>>> from pulumi_kafka_connectors.connect import Client, Settings
>>> client = Client(Settings(urls=("http://127.0.0.1:8083",)))
>>> client.connectors()
['orders-sink']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_kafka_connectors.connect.errors import (
    AlreadyExists,
    BadAnswer,
    BadRequest,
    Busy,
    ConnectError,
    Doubtful,
    Forbidden,
    InvalidConfig,
    NoRoute,
    NoStatus,
    NotFound,
    NotServing,
    NotStopped,
    OutcomeUnknown,
    Refused,
    Unauthorized,
    Unreachable,
    Unsupported,
    WorkerFailed,
)
from pulumi_kafka_connectors.connect.settings import Retry, Settings

if TYPE_CHECKING:
    from pulumi_kafka_connectors.connect.client import Client

__all__ = [
    "AlreadyExists",
    "BadAnswer",
    "BadRequest",
    "Busy",
    "Client",
    "ConnectError",
    "Doubtful",
    "Forbidden",
    "InvalidConfig",
    "NoRoute",
    "NoStatus",
    "NotFound",
    "NotServing",
    "NotStopped",
    "OutcomeUnknown",
    "Refused",
    "Retry",
    "Settings",
    "Unauthorized",
    "Unreachable",
    "Unsupported",
    "WorkerFailed",
]


# Late: pydantic and an HTTP library take longer to import than an unchanged preview needs for everything else.
def __getattr__(name: str) -> Any:
    if name == "Client":
        from pulumi_kafka_connectors.connect.client import Client  # noqa: PLC0415

        return Client
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
