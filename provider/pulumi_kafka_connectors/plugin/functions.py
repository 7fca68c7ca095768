"""The look-ups as functions of the plugin: one table, from which calls and schema are made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from pydantic import BaseModel

from pulumi_kafka_connectors.core import lookups
from pulumi_kafka_connectors.core.operation import Operation, OperationFailed
from pulumi_kafka_connectors.core.values import Secret, has_unknowns, offset_to_wire, reveal


class Argument(NamedTuple):
    """One argument of a function, in the vocabulary of `core.spec`."""

    type: str
    meaning: str
    required: bool = True


class Function(NamedTuple):
    """One function.

    Attributes:
        query: the look-up.
        result: the property that holds the answer; empty where the answer itself has properties.
        arguments: by name, in the order of the look-up.
    """

    query: Any
    result: str = ""
    arguments: Mapping[str, Argument] = {}


_NAME: Final = {"name": Argument("text", "The connector's name.")}
_SECRETS: Final = Argument("boolean", "Also return the values of secret keys, as secrets.", required=False)
_VALIDATED: Final = Argument("text", "The name of the connector that the configuration is for.", required=False)

FUNCTIONS: Final[dict[str, Function]] = {
    "getWorker": Function(lookups.get_worker),
    "getConnectors": Function(lookups.get_connectors, "connectors"),
    "getConnector": Function(lookups.get_connector, "", {**_NAME, "secrets": _SECRETS}),
    "getStatus": Function(lookups.get_status, "", _NAME),
    "getTasks": Function(lookups.get_tasks, "tasks", _NAME),
    "getTopics": Function(lookups.get_topics, "topics", _NAME),
    "getOffsets": Function(lookups.get_offsets, "offsets", _NAME),
    "getPlugins": Function(lookups.get_plugins, "plugins"),
    "getPlugin": Function(lookups.get_plugin, "keys", {"plugin": Argument("text", "The plugin's class or alias.")}),
    "validate": Function(
        lookups.validate,
        "problems",
        {"config": Argument("map", "The configuration, with `connector.class`."), "name": _VALIDATED},
    ),
    "getLoggers": Function(lookups.get_loggers, "loggers"),
}


def call(operation: Operation, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Call a function.

    Args:
        operation: how to reach the workers.
        name: of the function, such as `getStatus`.
        given: its arguments, with marks.

    Raises:
        OperationFailed: there is no such function, an argument is missing, or the look-up failed.
    """
    function = FUNCTIONS.get(name)
    if function is None:
        raise OperationFailed(f"there is no function {name!r}: there are {', '.join(FUNCTIONS)}")
    arguments = [_argument(name, key, argument, given.get(key)) for key, argument in function.arguments.items()]
    if name == "validate":
        config = given.get("config")
        marked = [key for key, value in config.items() if isinstance(value, Secret)] if isinstance(config, Mapping) else []
        arguments.append(marked)
    answer = properties_of(function.query(operation, *arguments))
    if name == "getOffsets":
        # A number on the wire is a float: the form in which `offsets` takes large ones keeps them.
        answer = [{part: _exact(values) for part, values in entry.items()} for entry in answer]
    if given.get("secrets") is True:
        answer["config"] = {key: Secret(value) for key, value in answer["config"].items()}
    return {function.result: answer} if function.result else answer


def _exact(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if values is None else {key: offset_to_wire(value) for key, value in values.items()}


def _argument(function: str, name: str, argument: Argument, value: Any) -> Any:
    if has_unknowns(value):
        raise OperationFailed(f"{function}: {name} is not known yet")
    value = reveal(value)
    wanted = {"text": str, "boolean": bool, "map": Mapping}[argument.type]
    if value is None and not argument.required:
        return "validate" if function == "validate" else False
    if not isinstance(value, wanted):
        raise OperationFailed(f"{function}: {name} must be {'a ' if argument.type != 'text' else ''}{argument.type}")
    return value


def properties_of(answer: Any) -> Any:
    """An answer as property values: models as maps with the names of `property_name`."""
    if isinstance(answer, BaseModel):
        fields = type(answer).model_fields
        return {property_name(name, fields[name].alias): properties_of(value) for name, value in answer}
    if isinstance(answer, Mapping):
        return {key: properties_of(value) for key, value in answer.items()}
    return [properties_of(value) for value in answer] if isinstance(answer, list | tuple) else answer


def property_name(field: str, alias: str | None = None) -> str:
    """The property of a model's field: `kafkaClusterId` of `kafka_cluster_id`."""
    first, *rest = (alias or field).split("_")
    return first + "".join(word.capitalize() for word in rest)
