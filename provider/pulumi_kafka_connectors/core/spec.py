"""The inputs and outputs of every resource as one table, and a declaration as the operations read it. Pure.

Documentation, checks, defaults and what a change means are read from this table.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pulumi_kafka_connectors.connect.states import State
from pulumi_kafka_connectors.core.values import offset_from_wire, seconds_of, wire_text

DEFAULT_TIMEOUT: Final = 300.0
"""Seconds that create, update and delete may take each."""
LARGEST_CONFIG: Final = 1_000_000
"""Bytes of keys and values: a larger record does not fit into the workers' config topic."""
TARGET_STATES: Final = (State.RUNNING, State.PAUSED, State.STOPPED)
"""States that can be asked for; the others are where a connector gets by itself."""


@dataclass(frozen=True)
class Input:
    """One input of a resource.

    Attributes:
        name: one lower-case word.
        type: as the documentation spells it.
        meaning: one or two sentences; Markdown.
        default: what a left-out input stands for; None where that is nothing.
        first: the Kafka version that workers need for it; empty for any.
        required: whether it must be given.
        replaces: whether another value needs another connector.
        local: whether a change is only about how operations work, so that it needs no REST call.
    """

    name: str
    type: str
    meaning: str
    default: Any = None
    first: str = ""
    required: bool = False
    replaces: bool = False
    local: bool = False


@dataclass(frozen=True)
class Output:
    """One output of a resource besides its inputs.

    Attributes:
        name: one lower-case word.
        type: as the documentation spells it.
        meaning: one sentence; Markdown.
        always: whether there is always a value.
    """

    name: str
    type: str
    meaning: str
    always: bool = False


_ADOPT: Final = Input(
    "adopt",
    "boolean or text",
    "What a create takes over of what exists: `false`, `same` (as declared), `true`.",
    False,
    local=True,
)
CONNECTOR: Final = (
    Input("config", "map", "The connector configuration: text, numbers, booleans, or outputs of these.", required=True),
    Input("name", "text", "The connector's name; another name is another connector.", replaces=True),
    Input("state", "text", "`running`, `paused` or `stopped`; enforced when given."),
    Input("sensitive", "list", "Configuration keys whose values are secret besides those that look so.", [], local=True),
    Input("restart", "any", "Restarts the connector and its tasks whenever this value changes."),
    Input("offsets", "list", "`{partition, offset}` entries to set on create and when this changes.", first="3.6"),
    _ADOPT,
    Input("validate", "boolean or text", "What findings of the workers mean: `error`, `warn`, `off`.", "error", local=True),
    Input("wait", "boolean", "Wait until the connector and every task are in the wanted state.", default=True, local=True),
    Input("settle", "number or text", "Seconds without a failure before running tasks count as healthy.", local=True),
    Input("rollback", "boolean", "Undo a create or a change that does not become healthy.", default=True, local=True),
    Input("timeouts", "map", "`create`, `update`, `delete`: seconds, or text such as `5m`.", local=True),
    Input("forget", "boolean", "Also delete the connector's offsets when it is deleted.", False, first="3.6", local=True),
)
CONNECTOR_OUTPUTS: Final = (
    Output("status", "text", "What it does now: running, paused, stopped, failed, unassigned or restarting.", always=True),
    Output("type", "text", "`source` or `sink` (`unknown` when the plugin is gone).", always=True),
    Output("tasks", "list", '`{"id": 0, "state": "running"}` for each task.', always=True),
    Output("cluster", "text", "The id of the workers' Kafka cluster (Kafka 1.1)."),
    Output("version", "text", "The plugin's version, where the worker tells it (Kafka 4.1)."),
)
TOPIC: Final = (
    Input("name", "text", "The topic's name; another name is another topic.", replaces=True),
    Input("partitions", "number", "How many; more are added in place, fewer need a new topic.", required=True),
    Input("replication_factor", "number", "Brokers that keep each partition.", required=True, replaces=True),
    Input("config", "map", "Settings of the topic, such as `retention.ms`."),
    _ADOPT,
)
TOPIC_OUTPUTS: Final = (Output("cluster", "text", "The id of the Kafka cluster that the topic is on."),)

INPUTS: Final = tuple(entry.name for entry in CONNECTOR)
OBSERVED: Final = tuple(entry.name for entry in CONNECTOR_OUTPUTS)
FLAGS: Final[dict[str, Any]] = {entry.name: entry.default for entry in CONNECTOR if entry.type == "boolean"}
"""What a boolean input that is left out stands for."""
DEFAULTS: Final[dict[str, Any]] = {entry.name: entry.default for entry in CONNECTOR if entry.default is not None}
"""What an input that is left out stands for."""
VALIDATE: Final = ("error", "warn", "off")
CLUSTER: Final = "cluster"
"""The output with the id of the Kafka cluster that the workers belong to."""
WORKERS: Final = "workers"
"""The property, kept beside the outputs, with the addresses of the workers that were asked."""
BROKERS: Final = "brokers"
"""The same for topics, with the addresses of the brokers."""
LOCAL: Final = frozenset(entry.name for entry in CONNECTOR if entry.local)
PASSWORDS: Final = "passwords"
"""The property, kept beside the inputs, with the names of keys that the plugin types as PASSWORD."""
MARKED: Final = "marked"
"""The property, kept beside the inputs, with the names of keys whose values the program marks as secret."""


class Adopt(enum.Enum):
    """What a create may take over of what exists already; the values are those of the input."""

    NOTHING = False
    SAME = "same"
    ANY = True

    @classmethod
    def of(cls, value: object) -> Adopt:
        """For the value of the input.

        Raises:
            ValueError: for anything else.
        """
        if isinstance(value, bool) or value == "same":
            return cls(value)
        raise ValueError('must be False, "same" or True')


@dataclass(frozen=True)
class Timeouts:
    """Seconds that each operation may take."""

    create: float = DEFAULT_TIMEOUT
    update: float = DEFAULT_TIMEOUT
    delete: float = DEFAULT_TIMEOUT


@dataclass(frozen=True)
class Offset:
    """One partition and the offset to set; None removes it."""

    partition: Mapping[str, Any]
    offset: Mapping[str, Any] | None


@dataclass(frozen=True)
class ConnectorSpec:
    """A connector as declared, everything known and checked."""

    name: str
    config: Mapping[str, str] = field(repr=False)
    state: State | None = None
    sensitive: tuple[str, ...] = ()
    restart: Any = field(default=None, repr=False)
    offsets: tuple[Offset, ...] | None = None
    adopt: Adopt | None = None
    wait: bool = True
    settle: float | None = None
    rollback: bool = True
    timeouts: Timeouts = field(default_factory=Timeouts)
    forget: bool = False


def spec_of(inputs: Mapping[str, Any]) -> ConnectorSpec:
    """The spec for inputs that `checks` let pass; keys that an older version did not store get their defaults."""
    offsets, state = inputs.get("offsets"), inputs.get("state")
    return ConnectorSpec(
        name=inputs["name"],
        config=own_config(inputs.get("config") or {}),
        state=None if state is None else State(state),
        sensitive=tuple(inputs.get("sensitive") or ()),
        restart=inputs.get("restart"),
        offsets=None if offsets is None else tuple(map(_offset_of, offsets)),
        adopt=None if inputs.get("adopt") is None else Adopt.of(inputs["adopt"]),
        settle=None if inputs.get("settle") is None else seconds_of(inputs["settle"], zero=True),
        timeouts=Timeouts(**{key: seconds_of(value) for key, value in (inputs.get("timeouts") or {}).items()}),
        **{flag: inputs.get(flag, default) for flag, default in FLAGS.items()},
    )


def delete_spec(name: str, props: Mapping[str, Any]) -> ConnectorSpec:
    """What a delete needs of stored properties, whoever wrote them: a later version, or a person by hand."""
    timeouts = props.get("timeouts")
    try:
        seconds = seconds_of(timeouts["delete"]) if isinstance(timeouts, Mapping) else DEFAULT_TIMEOUT
    except (KeyError, ValueError):
        seconds = DEFAULT_TIMEOUT
    return ConnectorSpec(name, {}, forget=props.get("forget") is True, timeouts=Timeouts(delete=seconds))


def former_spec(name: str, props: Mapping[str, Any]) -> ConnectorSpec:
    """What an update needs of the properties that were stored before, whoever wrote them; what cannot be read counts as
    not declared.
    """
    config, state, offsets = props.get("config"), props.get("state"), props.get("offsets")
    try:
        known = None if offsets is None else tuple(map(_offset_of, offsets))
    except (AttributeError, KeyError, TypeError, ValueError):
        known = None
    words = {target.word: target for target in TARGET_STATES}
    return ConnectorSpec(
        name,
        own_config(config) if isinstance(config, Mapping) else {},
        state=words.get(state) if isinstance(state, str) else None,
        restart=props.get("restart"),
        offsets=known,
    )


def _offset_of(entry: Mapping[str, Any]) -> Offset:
    offset = entry.get("offset")
    return Offset(
        partition={key: offset_from_wire(value) for key, value in entry["partition"].items()},
        offset=None if offset is None else {key: offset_from_wire(value) for key, value in offset.items()},
    )


# Configurations


def own_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """The one form in which configurations are stored, compared and sent: values as text, without keys that have no
    value and without those that workers add by themselves. Values that are unknown or refused stay as they are.
    """
    return {
        key: wire_text(value) if isinstance(value, str | int | float) else value
        for key, value in config.items()
        if value is not None and key != "name" and not key.startswith("__internal.")
    }


def differing_keys(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Keys of two configurations, each in the form of `own_config`, that are not equal, sorted."""
    return sorted(key for key in one.keys() | other.keys() if one.get(key) != other.get(key))
