"""The YAML program that declares connectors as they are, for the plugin. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from pulumi_kafka_connectors.cli.exporting.found import Found
from pulumi_kafka_connectors.cli.quoting import quoted, uninterpolated, yaml_key
from pulumi_kafka_connectors.core.spec import Adopt

_RESERVED: Final = "pulumi"
"""The one name that no resource of a YAML program can have."""


def unwritable(one: Found) -> str | None:
    """Why no YAML program can declare this connector; None if one can."""
    for key, value in one.config.items():
        if re.search(r"[\ud800-\udfff]", key + value):
            return f"the value of {key} contains half of a surrogate pair, which YAML cannot hold"
        if key.lower().startswith("fn::"):
            return f"{key} would be a call of a function in YAML"
    return None


def resource_names(found: Sequence[Found]) -> dict[str, str]:
    """The name of the resource for each connector: the connector's own, unless it is reserved."""
    names = {one.name: one.name for one in found}
    if _RESERVED in names:
        names[_RESERVED] = _free(f"{_RESERVED}-connector", names)
    return names


def _free(wanted: str, taken: Collection[str]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}-{number}", number + 1
    return name


def program(found: Sequence[Found], keys: Mapping[tuple[str, str], str], project: str) -> str:
    """The text of `Pulumi.yaml`.

    Args:
        found: the connectors.
        keys: the key of the stack configuration for each secret value, by connector and key; without dots.
        project: name of the project.
    """
    lines = [f"name: {quoted(project)}", "runtime: yaml", "description: Connectors of Kafka Connect"]
    if keys:
        lines.append("config:")
    for name in keys.values():
        lines += [f"  {yaml_key(name)}:", "    type: string", "    secret: true"]
    names = resource_names(found)
    lines.append("resources:" if found else "resources: {}")
    for one in found:
        lines += _declared(one, names[one.name], keys)
    return "\n".join([*lines, ""])


def _declared(one: Found, resource: str, keys: Mapping[tuple[str, str], str]) -> Iterator[str]:
    secret = one.secret
    yield f"  {yaml_key(resource)}:"
    yield "    type: kafka-connectors:Connector"
    yield "    properties:"
    if resource != one.name:
        yield f"      name: {quoted(uninterpolated(one.name))}"
    yield "      config:"
    for key, value in one.declared.items():
        shown = f"${{{keys[one.name, key]}}}" if key in secret else uninterpolated(value)
        yield f"        {yaml_key(uninterpolated(key))}: {quoted(shown)}"
    if one.state != "running":
        yield f"      state: {one.state}"
    yield f"      adopt: {Adopt.SAME.value}"
    if one.failed:
        yield "      # It had failed when it was exported: otherwise `pulumi up` would restart it and wait for it to run."
        yield "      wait: false"
