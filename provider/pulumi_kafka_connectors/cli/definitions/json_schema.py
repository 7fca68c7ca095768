"""Connector classes as a JSON Schema, for configurations in JSON and YAML files. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pulumi_kafka_connectors.cli.definitions.config_keys import CLASS, NAME, NUMBERS, ConnectorClass, Key
from pulumi_kafka_connectors.core.redaction import visible

_DRAFT: Final = "http://json-schema.org/draft-07/schema#"
"""What editors understand."""
_WHOLE: Final = {"type": "string", "pattern": r"^\s*-?\d+\s*$"}
_REFERENCE: Final = {"type": "string", "pattern": r"\$\{.+\}"}
"""Text with a reference or a placeholder, whatever it stands for."""
_VALUE: Final = {"type": ["string", "number", "boolean"]}
_TYPES: Final[Mapping[str, Mapping[str, Any]]] = {
    "BOOLEAN": {"anyOf": [{"enum": [True, False, "true", "false"]}, _REFERENCE]},
    **{kind: {"anyOf": [{"type": "integer"}, _WHOLE, _REFERENCE]} for kind in NUMBERS},
    "DOUBLE": {"type": ["number", "string"]},
    **{kind: {"type": "string"} for kind in ("STRING", "LIST", "CLASS", "PASSWORD")},
}


def schema(classes: Sequence[ConnectorClass], origin: Sequence[str]) -> dict[str, Any]:
    """The schema of a file with one connector: its configuration, or `name` and `config` as for `POST /connectors`.

    Args:
        classes: what it describes.
        origin: what made it.
    """
    body = {
        "type": "object",
        "properties": {NAME: {"type": "string"}, "config": {"$ref": "#/definitions/config"}},
        "required": ["config"],
    }
    return {
        "$schema": _DRAFT,
        "$comment": " ".join(origin),
        "title": "Configuration of a Kafka Connect connector",
        "type": "object",
        "if": {"properties": {"config": {"type": "object"}}, "required": ["config"]},
        "then": {"$ref": "#/definitions/body"},
        "else": {"$ref": "#/definitions/config"},
        "definitions": {
            "body": body,
            "config": _config(classes),
            **{one.name: _class(one) for one in classes},
        },
    }


def _config(classes: Sequence[ConnectorClass]) -> dict[str, Any]:
    """The schema of the class that the configuration names."""
    if len(classes) == 1:
        return {"$ref": _pointer(classes[0])}
    cases = [
        {
            "if": {"properties": {CLASS: {"enum": _names(one)}}, "required": [CLASS]},
            "then": {"$ref": _pointer(one)},
        }
        for one in classes
    ]
    known = list(dict.fromkeys(name for one in classes for name in _names(one)))
    return {"type": "object", "properties": {CLASS: {"enum": known}}, "required": [CLASS], "allOf": cases}


def _pointer(found: ConnectorClass) -> str:
    return f"#/definitions/{found.name.replace('~', '~0').replace('/', '~1').replace('%', '%25')}"


def _names(found: ConnectorClass) -> list[str]:
    return [found.name, *found.aliases]


def _class(found: ConnectorClass) -> dict[str, Any]:
    keys = {key.name: _key(key, found) for key in found.keys}
    return {
        "type": "object",
        "description": f"{found.name}, version {found.version or 'unknown'}",
        "properties": {NAME: {"type": "string"}, **keys},
        "required": [key.name for key in found.keys if key.required],
        "patternProperties": {f"^{re.escape(prefix)}": _VALUE for prefix in found.prefixes},
        "additionalProperties": False,
    }


def _key(key: Key, found: ConnectorClass) -> dict[str, Any]:
    facts = f"{key.type}{f', importance {key.importance}' if key.importance else ''}"
    described = {"description": visible(f"{key.documentation} ({facts})" if key.documentation else facts)}
    if key.default is not None:
        described["default"] = _default(key, key.default)
    if key.name == CLASS:
        return {**described, "enum": _names(found)}
    if not key.values:
        return {**described, **_TYPES.get(key.type, _VALUE)}
    numbers = [int(value) for value in key.values if key.type in NUMBERS]
    return {**described, "anyOf": [{"enum": [*numbers, *key.values]}, _REFERENCE]}


def _default(key: Key, default: str) -> Any:
    if key.type == "BOOLEAN" and default.lower() in ("true", "false"):
        return default.lower() == "true"
    return int(default) if key.type in NUMBERS and re.fullmatch(r"-?[0-9]{1,18}", default) else default
