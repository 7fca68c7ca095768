"""Models of the workers' responses, parsed leniently: unknown fields are ignored, unknown states and types kept as text."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from pulumi_kafka_connectors.connect.states import State as State  # noqa: PLC0414 - part of the models, without pydantic


def _without_nulls(config: Any) -> Any:
    return {key: value for key, value in config.items() if value is not None} if isinstance(config, dict) else config


Config = Annotated[dict[str, str], BeforeValidator(_without_nulls)]
"""A configuration as a worker stores it; workers before 3.2 also store keys without a value, which are omitted here."""


class _Model(BaseModel):
    # Most programs use few of these models: each is built on first use.
    model_config = ConfigDict(
        extra="ignore", frozen=True, populate_by_name=True, coerce_numbers_to_str=True, defer_build=True
    )


class Worker(_Model):
    """`GET /`: the worker that answered."""

    version: str = ""
    commit: str = ""
    kafka_cluster_id: str = ""


class WorkerHealth(_Model):
    """`GET /health` (3.9): `status` is healthy, unhealthy or starting."""

    status: str
    message: str = ""


class TaskId(_Model):
    """The ID of a task: the connector's name and a number from 0."""

    connector: str
    task: int


class ConnectorInfo(_Model):
    """A connector's stored configuration (with the `name` that the worker adds), tasks and type: source, sink or unknown."""

    name: str
    config: Config = Field(default_factory=dict, repr=False)
    tasks: list[TaskId] = Field(default_factory=list)
    type: str = "unknown"


class ConnectorState(_Model):
    """State of the connector instance itself (not a summary of its tasks)."""

    state: State
    worker_id: str = ""
    trace: str | None = Field(default=None, repr=False)
    version: str | None = None


class TaskState(ConnectorState):
    """State of one task."""

    id: int


class ConnectorStatus(_Model):
    """`GET /connectors/{name}/status`."""

    name: str
    connector: ConnectorState
    tasks: list[TaskState] = Field(default_factory=list)
    type: str = "unknown"


class Expanded(_Model):
    """One entry of `GET /connectors?expand=...` (2.3); what was not requested is None."""

    info: ConnectorInfo | None = None
    status: ConnectorStatus | None = None


class Task(_Model):
    """A task and the configuration its connector gave it."""

    id: TaskId
    config: Config = Field(default_factory=dict, repr=False)


class Topics(_Model):
    """The value in `GET /connectors/{name}/topics` (2.5)."""

    topics: list[str] = Field(default_factory=list)


class PartitionOffset(_Model):
    """One partition and its offset; the keys are the connector's own."""

    partition: dict[str, Any]
    offset: dict[str, Any] | None = None


class Offsets(_Model):
    """`GET /connectors/{name}/offsets` (3.5)."""

    offsets: list[PartitionOffset] = Field(default_factory=list)


class OffsetsReply(_Model):
    """The response to a change of offsets (3.6).

    Attributes:
        message: the worker's message.
        manual: whether it says that the connector may also keep offsets elsewhere, which must be changed manually.
    """

    message: str = ""
    manual: bool = False


class Plugin(_Model):
    """One plugin of the worker that answered."""

    class_: str = Field(alias="class")
    type: str = "unknown"
    version: str | None = None


class ConfigKey(_Model):
    """The definition of one configuration key of a plugin."""

    name: str
    type: str = "STRING"
    required: bool = False
    default_value: str | None = None
    importance: str = ""
    documentation: str | None = None
    group: str | None = None
    width: str = ""
    display_name: str | None = None
    dependents: list[str] = Field(default_factory=list)
    order: int = -1


class ConfigValue(_Model):
    """The validated value of one key. `value` is resolved: like `errors` it may contain secrets; never store or show it."""

    name: str
    value: str | None = Field(default=None, repr=False)
    recommended_values: list[str | None] = Field(default_factory=list, repr=False)
    errors: list[str] = Field(default_factory=list, repr=False)
    visible: bool = True


class ValidatedKey(_Model):
    """Definition and value of one key; an error about a key that the plugin does not define has no definition."""

    definition: ConfigKey | None = None
    value: ConfigValue | None = None


class Validation(_Model):
    """`PUT /connector-plugins/{plugin}/config/validate`."""

    name: str = ""
    error_count: int = 0
    groups: list[str] = Field(default_factory=list)
    configs: list[ValidatedKey] = Field(default_factory=list)


class Logger(_Model):
    """`GET /admin/loggers` (2.4). `last_modified` in milliseconds since the epoch, if set (3.7)."""

    level: str | None = None
    last_modified: int | None = None
