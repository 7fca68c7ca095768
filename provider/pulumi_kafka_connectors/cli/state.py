"""The connectors that the state of a stack holds, through either front end. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pulumi_kafka_connectors.cli.exporting.import_file import DYNAMIC, PLUGIN, SECRET_SIGNATURE
from pulumi_kafka_connectors.core.settings import SettingsError
from pulumi_kafka_connectors.core.values import Secret

_TYPES: Final = (DYNAMIC, PLUGIN)


@dataclass(frozen=True)
class Stored:
    """A connector in the state, with its secrets marked.

    Attributes:
        urn: of its resource.
        name: of the connector.
        inputs: as declared when it was last updated, or as last refreshed.
        outputs: the inputs, and what was observed.
    """

    urn: str
    name: str
    inputs: Mapping[str, Any] = field(repr=False)
    outputs: Mapping[str, Any] = field(repr=False)


def connectors_in(exported: str) -> list[Stored]:
    """The connectors in what `pulumi stack export --show-secrets` writes, in the order of their names.

    Resources that are only read, or that wait for their deletion, are left out.

    Raises:
        SettingsError: that is not what it writes, or the secrets are not in plain text.
    """
    try:
        resources = json.loads(exported)["deployment"].get("resources") or []
        found = [_stored(entry) for entry in resources if entry["type"] in _TYPES and _is_managed(entry)]
    except (ValueError, AttributeError, LookupError, TypeError):
        problem = "`pulumi stack export` did not write a deployment with secrets in plain text: is this Pulumi 3?"
        raise SettingsError(problem) from None
    return sorted(found, key=lambda one: one.name)


def _is_managed(entry: Mapping[str, Any]) -> bool:
    return not (entry.get("delete") or entry.get("external"))


def _stored(entry: Mapping[str, Any]) -> Stored:
    inputs, outputs = (_decoded(entry.get(kind) or {}) for kind in ("inputs", "outputs"))
    return Stored(entry["urn"], entry["id"], inputs, outputs)


def _decoded(value: Any) -> Any:
    key_of_mark, mark = SECRET_SIGNATURE
    if isinstance(value, Mapping):
        if value.get(key_of_mark) == mark:
            return Secret(_decoded(json.loads(value["plaintext"])))
        return {key: _decoded(inner) for key, inner in value.items() if key != "__provider"}
    return [_decoded(inner) for inner in value] if isinstance(value, list) else value
