"""`pulumi-kafka-connectors types`: the configurations of connector classes, for checkers and editors."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pulumi_kafka_connectors.cli.definitions import json_schema, typed_dicts
from pulumi_kafka_connectors.cli.definitions.config_keys import (
    CLASS,
    NAME,
    VERSION,
    ConnectorClass,
    class_named,
    connector_class,
    defined_in,
    missed,
    nearest,
    probes,
    stand_in,
)
from pulumi_kafka_connectors.cli.options import OK, PROGRAM, add_command
from pulumi_kafka_connectors.connect import Client, ConnectError, Refused, Unsupported
from pulumi_kafka_connectors.connect.models import ConfigKey, Plugin, Validation
from pulumi_kafka_connectors.core.operation import Failure, Operation
from pulumi_kafka_connectors.core.redaction import visible

if TYPE_CHECKING:
    from pulumi_kafka_connectors.cli.options import Commands

_ODD: Final = re.compile(r"[^\w.$+\[\](),-]")
_COMMON: Final = "tasks.max"
"""A key that workers define for every connector class, and from Kafka 4.1 on tell with the definitions of the class."""


def add(commands: Commands, common: Sequence[argparse.ArgumentParser]) -> None:
    """Register the command."""
    text = "write a Python module with the configuration keys of connector classes and their types"
    parser = add_command(commands, "types", run, common, text)
    parser.add_argument("classes", nargs="+", metavar="CLASS", help="name or alias of an installed connector class")
    parser.add_argument(
        "--plugin-version", metavar="VERSION", help="of several installed versions of the plugin (Kafka 4.1)"
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="write there (default: to standard output)")
    parser.add_argument("--json-schema", action="store_true", help="write a JSON Schema instead, as --json does")


def run(operation: Operation, asked: argparse.Namespace) -> int:
    """Write the module, or the schema.

    Returns:
        0.

    Raises:
        Failure: a class is not installed.
        ConnectError: the worker does not tell what a class defines.
        OSError: the file cannot be written.
    """
    client, version = operation.cluster.client, asked.plugin_version
    plugins = client.plugins()
    names = list(dict.fromkeys(_installed(name, plugins) for name in asked.classes))
    classes = [read(operation, client, name, plugins, version) for name in names]
    as_schema = asked.json_schema or asked.json
    origin = origin_of(classes, version, client.worker().version, schema=as_schema)
    if as_schema:
        text = json.dumps(json_schema.schema(classes, origin), indent=2) + "\n"
    else:
        text = typed_dicts.module(classes, origin)
    if asked.output is None:
        print(text, end="")
    else:
        asked.output.write_text(text, encoding="utf-8")
        print(visible(f"{', '.join(names)} in {asked.output}"))
    return OK


def read(operation: Operation, client: Client, name: str, plugins: Sequence[Plugin], version: str | None) -> ConnectorClass:
    """What a worker tells about a connector class; creates nothing.

    Reads `GET /connector-plugins/{class}/config` (3.2), with `?version=` (4.1), and
    `PUT /connector-plugins/{class}/config/validate` of configurations that lack a required key, since only a validation
    lists the values that a key accepts, and on workers before 4.1 Connect's own keys.

    Args:
        operation: warns where the class cannot be validated.
        client: whom to ask.
        name: of the class.
        plugins: all connector classes of that worker.
        version: of several installed ones.

    Raises:
        ConnectError: it does not tell.
    """
    definitions = _definitions(client, name, version)
    demanded: list[str] = []
    try:
        config, validation = _validated(client, name, version, definitions)
        demanded = _demanded(client, config, missed(validation))
    except ConnectError as problem:
        if not any(key.name == _COMMON for key in definitions):
            raise
        reason = operation.redactor.one_line(str(problem))
        print(f"{PROGRAM}: the values that keys of {visible(name)} accept are not known: {reason}", file=sys.stderr)
        validation = Validation()
    versions = dict.fromkeys(plugin.version for plugin in plugins if plugin.class_ == name and plugin.version)
    known = version or ", ".join(filter(None, versions))
    return connector_class(name, known, {plugin.class_ for plugin in plugins}, definitions, validation, demanded)


def origin_of(classes: Sequence[ConnectorClass], version: str | None, worker: str, *, schema: bool) -> list[str]:
    """What made the output: the command, and the versions. Pure."""
    options = [*(["--plugin-version", version] if version else []), *(["--json-schema"] if schema else [])]
    command = " ".join([PROGRAM, "types", *(_plain(one.name) for one in classes), *map(_plain, options)])
    made_of = [f"{_plain(one.name)} {_plain(one.version) or 'of unknown version'}" for one in classes]
    return [f"Made by `{command}`", f"from the definitions of a Kafka Connect {_plain(worker)} worker:", *made_of]


def _plain(text: str) -> str:
    return _ODD.sub("?", visible(text))


def _installed(name: str, plugins: Sequence[Plugin]) -> str:
    classes = {plugin.class_ for plugin in plugins}
    found = class_named(name, classes)
    if found is None:
        near = nearest(name, classes)
        hint = f"did you mean {near[0]}? " if near else ""
        raise Failure(f"{name} is not installed on the workers: {hint}Installed: {', '.join(sorted(classes)) or 'none'}")
    return found


def _definitions(client: Client, name: str, version: str | None) -> list[ConfigKey]:
    """The definitions; none from workers that only tell them in a validation (before 3.2)."""
    try:
        return client.plugin_config(name, version=version)
    except Unsupported:
        if version is not None:
            raise
        return []


def _validated(
    client: Client, name: str, version: str | None, definitions: Sequence[ConfigKey]
) -> tuple[dict[str, str], Validation]:
    """A configuration without the required keys, and what the plugin says of it."""
    base = {CLASS: name, NAME: "types", **({VERSION: version} if version else {})}
    if not any(key.name == _COMMON for key in definitions):
        definitions = [*definitions, *defined_in(client.validate(name, base))]
    config = {**probes(definitions), **base}
    try:
        return config, client.validate(name, config)
    except Refused:  # a plugin that fails at values that it does not accept
        return base, client.validate(name, base)


def _demanded(client: Client, config: Mapping[str, str], keys: Sequence[ConfigKey]) -> list[str]:
    """Those of the keys that the plugin misses also if the others are there: of two that replace each other, none."""
    found = []
    for key in keys:
        others = {other.name: stand_in(other) for other in keys if other is not key}
        still = missed(client.validate(config[CLASS], {**config, **others})) if others else keys
        if key.name in {one.name for one in still}:
            found.append(key.name)
    return found
