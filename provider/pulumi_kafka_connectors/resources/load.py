"""Connectors from a folder of files, as teams have them for curl."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pulumi

from pulumi_kafka_connectors.core.redaction import visible
from pulumi_kafka_connectors.files.folder import ConnectorFile, FilesError, read_files
from pulumi_kafka_connectors.files.placeholders import Placeholder, pieces
from pulumi_kafka_connectors.resources.connector import Connector, ConnectorDeclaration

C = TypeVar("C", bound=ConnectorDeclaration)


class LoadFailed(pulumi.RunError):
    """Connector files cannot be used. Pulumi shows only the message, without a traceback."""


def load(
    path: str | Path,
    *,
    override: Mapping[str, Mapping[str, Any]] | None = None,
    opts: pulumi.ResourceOptions | None = None,
    **inputs: Any,
) -> dict[str, Connector]:
    """Declare a connector for each JSON, YAML and `.properties` file of a folder.

    A file holds the body of a `POST /connectors` (`name`, `config`, and `initial_state` or `state`) or only the
    configuration; a connector without a name has that of its file without the ending. The resource has the name of the
    file without the ending, so that Pulumi's output names the file. `${config:KEY}` in a value is the secret `KEY` of
    the stack configuration, `${config:NAMESPACE:KEY}` one of another namespace, `$${config:` the text `${config:`.

    Args:
        path: a folder, relative to that of the project, or one file. Files with other endings, hidden files and
            subfolders are not read.
        override: inputs of single connectors by the connector's name, such as `state` or `opts`; a `config` is added to
            that of the file, key by key.
        opts: Pulumi's resource options, for all connectors.
        inputs: further inputs of all connectors, such as `adopt="same"`; a state in a file precedes one here.

    Returns:
        The connectors by name, in the order of their files.

    Raises:
        LoadFailed: one or several files cannot be used, a secret is not set, or `override` names no connector; with file
            and line of every problem.
    """
    return load_as(Connector, path, override, opts, inputs)


def load_as(
    kind: Callable[..., C],
    path: str | Path,
    override: Mapping[str, Mapping[str, Any]] | None,
    opts: pulumi.ResourceOptions | None,
    inputs: Mapping[str, Any],
) -> dict[str, C]:
    """As `load`, with the class of connectors of a front end."""
    try:
        found = read_files(Path(path))
        configs = _configs(path, found)
        _require_known(path, found, override or {})
    except FilesError as problem:
        text = str(problem)
    else:
        given = {one.name: {**inputs, **_own(one, configs[one.name], (override or {}).get(one.name, {}))} for one in found}
        return {one.name: kind(one.stem, **{"opts": opts, **given[one.name]}) for one in found}
    raise LoadFailed(text)


def _own(one: ConnectorFile, config: Mapping[str, Any], override: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of one connector that are not those of all."""
    state = {} if one.state is None else {"state": one.state}
    return {"name": one.name, **state, **override, "config": {**config, **override.get("config", {})}}


def _configs(path: str | Path, found: list[ConnectorFile]) -> dict[str, dict[str, Any]]:
    """The configurations by connector, with the secrets of the stack in place of placeholders."""
    missing: list[str] = []
    configs: dict[str, dict[str, Any]] = {}
    for one in found:
        configs[one.name] = {}
        for key, text in one.config.items():
            parts = pieces(text)
            absent = [part for part in parts if isinstance(part, Placeholder) and _secret(part) is None]
            missing += [f"{one.at(key)}: {visible(key)} needs `pulumi config set --secret {part}`" for part in absent]
            if not absent:
                configs[one.name][key] = _value(parts)
    if missing:
        raise FilesError(str(path), missing)
    return configs


def _value(parts: list[str | Placeholder]) -> str | pulumi.Output[str]:
    texts = [part for part in parts if isinstance(part, str)]
    if len(texts) == len(parts):
        return "".join(texts)
    values = [part if isinstance(part, str) else _secret(part) or "" for part in parts]
    return pulumi.Output.concat(*values)


def _secret(placeholder: Placeholder) -> pulumi.Output[str] | None:
    return pulumi.Config(placeholder.namespace).get_secret(placeholder.key)


def _require_known(path: str | Path, found: list[ConnectorFile], override: Mapping[str, Any]) -> None:
    names = {one.name for one in found}
    unknown = [visible(str(name)) for name in override if name not in names]
    if unknown:
        raise FilesError(str(path), [f"override names connectors that no file declares: {', '.join(unknown)}"])
