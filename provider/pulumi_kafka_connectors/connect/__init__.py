"""A client for the Kafka Connect REST API, usable without Pulumi.

>>> from pulumi_kafka_connectors.connect import Client, Settings
>>> client = Client(Settings(urls=("http://127.0.0.1:8083",)))
>>> client.connectors()
['orders-sink']
"""

from pulumi_kafka_connectors.connect.client import Client
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
from pulumi_kafka_connectors.connect.transport import Retry, Settings

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
