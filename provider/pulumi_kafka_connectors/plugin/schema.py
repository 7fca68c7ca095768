"""The schema of the plugin's package, from which SDKs and documentation of every language are made.

It is generated from the tables of `core.spec`, `core.settings` and `functions`; the plugin serves what is stored in
`schema.json`, which `python -m pulumi_kafka_connectors.plugin.schema` writes.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, Final

from pydantic import BaseModel

from pulumi_kafka_connectors import installation
from pulumi_kafka_connectors.core import settings, spec
from pulumi_kafka_connectors.plugin.functions import FUNCTIONS, Argument, Function, property_name
from pulumi_kafka_connectors.plugin.schema_file import SCHEMA_FILE

_PACKAGE: Final = "kafka-connectors"
_REPOSITORY: Final = "https://github.com/pulumi-kafka-connectors/pulumi-kafka-connectors"
_OWNER: Final = _REPOSITORY.split("/")[-2]
_MODULE: Final = f"{_REPOSITORY.removeprefix('https://')}/sdk"
_TEXT: Final = {"type": "string"}
_NUMBER: Final = {"type": "number"}
_BOOLEAN: Final = {"type": "boolean"}
_ANY: Final = {"$ref": "pulumi.json#/Any"}
_VALUES: Final = {"type": "object", "additionalProperties": {"oneOf": [_TEXT, _NUMBER, _BOOLEAN]}}
_TEXTS: Final = {"type": "object", "additionalProperties": _TEXT}
_TYPES: Final[dict[str, dict[str, Any]]] = {
    "text": _TEXT,
    "number": _NUMBER,
    "boolean": _BOOLEAN,
    "boolean or text": {"oneOf": [_BOOLEAN, _TEXT]},
    "number or text": {"oneOf": [_NUMBER, _TEXT]},
    "text or list": {"oneOf": [_TEXT, {"type": "array", "items": _TEXT}]},
    "any": _ANY,
    "list": {"type": "array", "items": _TEXT},
    "map": _VALUES,
}
"""What the types of the tables are in a schema."""


def _token(name: str) -> str:
    return f"{_PACKAGE}:index:{name}"


def _reference(name: str) -> dict[str, Any]:
    return {"$ref": f"#/types/{_token(name)}"}


_OWN_TYPES: Final[dict[str, dict[str, Any]]] = {
    "state": _reference("State"),
    "offsets": {"type": "array", "items": _reference("OffsetChange")},
    "timeouts": _reference("Timeouts"),
    "tasks": {"type": "array", "items": _reference("TaskStatus")},
    "partitions": {"type": "integer"},
    "replication_factor": {"type": "integer"},
    "lastModified": _NUMBER,  # milliseconds, more than an integer of a schema may have
}
"""Properties with a type of their own."""
_RESOURCES: Final = {
    "Connector": (spec.CONNECTOR, spec.CONNECTOR_OUTPUTS),
    "Topic": (spec.TOPIC, spec.TOPIC_OUTPUTS),
}
_NO_DEFAULT: Final = ("adopt", "sensitive")
"""Inputs whose default depends on the settings, or is the same as nothing."""


def schema() -> dict[str, Any]:
    """The schema as a JSON value."""
    return {
        "name": _PACKAGE,
        "displayName": "Kafka Connect",
        "description": "Kafka Connect connectors that are validated at preview, awaited, and undone on failure.",
        "keywords": ["pulumi", "kafka", "kafka-connect", "connector", "category/infrastructure", "kind/native"],
        "license": "Apache-2.0",
        "version": installation.plugin_version(),
        "publisher": "pulumi-kafka-connectors",
        "repository": _REPOSITORY,
        "logoUrl": f"{_REPOSITORY}/raw/main/docs/pictures/icon.svg",
        "pluginDownloadURL": f"github://api.github.com/{_OWNER}",
        "homepage": _REPOSITORY,
        "config": {"variables": {entry.name: _variable(entry) for entry in settings.SETTINGS}},
        "provider": {
            "description": "The connection to one Kafka Connect cluster.",
            "inputProperties": {entry.name: _setting(entry) for entry in settings.SETTINGS},
        },
        "types": {**_resource_types(), **dict(_model_types(function.query for function in FUNCTIONS.values()))},
        "resources": {
            _token("Connector"): _resource("Connector", "A connector on a Kafka Connect cluster."),
            _token("Topic"): _resource("Topic", "A topic on a Kafka cluster."),
        },
        "functions": {_token(name): _function(function) for name, function in FUNCTIONS.items()},
        "language": _LANGUAGES,
    }


_LANGUAGES: Final = {
    "go": {"importBasePath": f"{_MODULE}/go/kafkaconnectors", "modulePath": _MODULE, "respectSchemaVersion": True},
    "nodejs": {"packageName": "pulumi-kafka-connectors", "respectSchemaVersion": True},
    "python": {"packageName": "pulumi_kafka_connectors_sdk", "respectSchemaVersion": True, "pyproject": {"enabled": True}},
}
"""The version is part of each SDK; a Python program has the classes of this package, so a generated one has another name."""


def _setting(setting: settings.Setting) -> dict[str, Any]:
    """An argument of a provider.

    Without a default from the environment, which the plugin reads itself: SDKs would store a password from there unencrypted
    and mix it with another login, and one of several types does not compile in Go.
    """
    kind = _TEXTS if setting.name == "headers" else _TYPES[setting.type]
    variable = f" `{setting.variable}` where it is not given." if setting.variable else ""
    secret = {"secret": True} if setting.secret else {}
    return {**kind, "description": setting.meaning + variable, **secret}


def _variable(setting: settings.Setting) -> dict[str, Any]:
    """A setting of a stack: text where it may have several types, since SDKs read those as JSON, which `2m` is not."""
    described = _setting(setting)
    return {**described, **_TEXT} if described.pop("oneOf", None) else described


def _resource(name: str, meaning: str) -> dict[str, Any]:
    inputs, outputs = _RESOURCES[name]
    observed = {entry.name: {**_type_of(entry), "description": entry.meaning} for entry in outputs}
    described = {entry.name: _input(entry) for entry in inputs}
    always = {
        "name",
        *(entry.name for entry in inputs if entry.required),
        *(entry.name for entry in outputs if entry.always),
    }
    return {
        "description": meaning,
        "inputProperties": described,
        "requiredInputs": sorted(entry.name for entry in inputs if entry.required),
        "properties": {**{key: _output_of(value) for key, value in described.items()}, **observed},
        "required": sorted({"name", *always}),
        "aliases": [{"type": f"pulumi-python:dynamic/{_PACKAGE}:{name}"}],
    }


def _type_of(entry: spec.Input | spec.Output) -> dict[str, Any]:
    return _OWN_TYPES.get(entry.name, _TYPES[entry.type])


def _input(entry: spec.Input) -> dict[str, Any]:
    first = f" Needs Kafka {entry.first}." if entry.first else ""
    replaces = {"replaceOnChanges": True} if entry.replaces else {}
    plain = isinstance(entry.default, str | bool) and entry.name not in _NO_DEFAULT and "oneOf" not in _type_of(entry)
    default = {"default": entry.default} if plain else {}
    return {**_type_of(entry), "description": entry.meaning + first, **replaces, **default}


def _output_of(described: Mapping[str, Any]) -> dict[str, Any]:
    """The output of an input: the same without its default; a configuration is text throughout."""
    output = {key: value for key, value in described.items() if key != "default"}
    return {**output, **_TEXTS} if output.get("additionalProperties") == _VALUES["additionalProperties"] else output


def _resource_types() -> dict[str, Any]:
    duration = {**_TYPES["number or text"], "description": "Seconds, or text such as `5m`."}
    position = {"type": "object", "additionalProperties": _ANY}
    return {
        _token("State"): {
            "type": "string",
            "description": "A state that a connector can be brought into.",
            "enum": [{"name": state.word.capitalize(), "value": state.word} for state in spec.TARGET_STATES],
        },
        _token("OffsetChange"): _object(
            "One partition and the offset to set; without an offset it is removed.",
            {
                "partition": {**position, "description": "As the connector names it."},
                "offset": {**position, "description": "As the connector stores it."},
            },
            ["partition"],
        ),
        _token("Timeouts"): _object(
            "How long operations may take.", dict.fromkeys(("create", "update", "delete"), duration), []
        ),
        _token("TaskStatus"): _object(
            "A task and what it does now.",
            {
                "id": {"type": "integer", "description": "Its number, from 0."},
                "state": {**_TEXT, "description": "As `status`."},
            },
            ["id", "state"],
        ),
    }


def _object(meaning: str, properties: Mapping[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "description": meaning, "properties": dict(properties), "required": required}


# Functions


def _function(function: Function) -> dict[str, Any]:
    inputs = {name: _argument(argument) for name, argument in function.arguments.items()}
    answer = typing.get_type_hints(function.query)["return"]
    meaning = (function.query.__doc__ or "").split("\n", maxsplit=1)[0]
    if function.result:
        result = {function.result: {**_annotated(answer), "description": meaning}}
        outputs = {"type": "object", "properties": result, "required": [function.result]}
    else:
        outputs = {key: value for key, value in _model(answer).items() if key != "description"}
    required = [name for name, argument in function.arguments.items() if argument.required]
    taken = {"inputs": {"type": "object", "properties": inputs, "required": required}} if inputs else {}
    return {"description": meaning, **taken, "outputs": outputs}


def _argument(argument: Argument) -> dict[str, Any]:
    return {**_TYPES[argument.type], "description": argument.meaning}


def _annotated(annotation: Any) -> dict[str, Any]:
    """The schema of a Python type: a model, a list or map of something, or plain; None says that it may be missing."""
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _annotated(inner[0])
    if origin in (typing.Union, types.UnionType):
        return _annotated(next(kind for kind in inner if kind is not type(None)))
    if origin is list:
        return {"type": "array", "items": _annotated(inner[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": _annotated(inner[1])}
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _reference(annotation.__name__)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return _TEXT
    plain: dict[Any, dict[str, Any]] = {str: _TEXT, bool: _BOOLEAN, int: {"type": "integer"}, float: _NUMBER}
    return plain.get(annotation, _ANY)


def _model(model: type[BaseModel]) -> dict[str, Any]:
    hints = typing.get_type_hints(model, include_extras=True)
    properties, required = {}, []
    for name, field in model.model_fields.items():
        key = property_name(name, field.alias)
        properties[key] = _OWN_TYPES[key] if key == "lastModified" else _annotated(hints[name])
        if type(None) not in typing.get_args(hints[name]):
            required.append(key)
    return _object((model.__doc__ or "").split("\n", maxsplit=1)[0], properties, sorted(required))


def _model_types(queries: Iterable[Any]) -> typing.Iterator[tuple[str, dict[str, Any]]]:
    """Every model that the answers of these look-ups contain."""
    waiting = [typing.get_type_hints(query)["return"] for query in queries]
    seen: set[Any] = set()
    while waiting:
        annotation = waiting.pop()
        waiting += typing.get_args(annotation)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation not in seen:
            seen.add(annotation)
            waiting += typing.get_type_hints(annotation).values()
            yield _token(annotation.__name__), _model(annotation)


def text() -> str:
    """The schema as it is stored."""
    return json.dumps(schema(), indent=2) + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(text(), encoding="utf-8")
