"""The Python program that declares connectors as they are. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pulumi_kafka_connectors.cli.exporting.found import Found
from pulumi_kafka_connectors.cli.quoting import quoted
from pulumi_kafka_connectors.core.spec import Adopt


def program(found: Sequence[Found], keys: Mapping[tuple[str, str], str]) -> str:
    """The text of `__main__.py`.

    Args:
        found: the connectors.
        keys: the key of the stack configuration for each secret value, by connector and key.
    """
    config = ["", "config = pulumi.Config()"] if keys else []
    head = ['"""Connectors exported from a Kafka Connect cluster."""', "", *(["import pulumi"] if keys else [])]
    return (
        "\n".join([*head, "import pulumi_kafka_connectors as kc", *config, *(_declared(one, keys) for one in found)]) + "\n"
    )


def _declared(one: Found, keys: Mapping[tuple[str, str], str]) -> str:
    secret = one.secret
    lines = ["", "kc.Connector(", f"    {quoted(one.name)},", "    config={"]
    for key, value in one.declared.items():
        shown = f"config.require_secret({quoted(keys[one.name, key])})" if key in secret else quoted(value)
        lines.append(f"        {quoted(key)}: {shown},")
    lines.append("    },")
    if one.state != "running":
        lines.append(f"    state={quoted(one.state)},")
    lines.append(f"    adopt={quoted(Adopt.SAME.value)},")
    if one.failed:
        lines.append(
            "    # It had failed when it was exported: without this, `pulumi up` would restart it and wait for it to run."
        )
        lines.append("    wait=False,")
    return "\n".join([*lines, ")"])
