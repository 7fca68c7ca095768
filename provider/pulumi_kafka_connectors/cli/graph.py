"""`pulumi-kafka-connectors graph`: sources, topics and sinks as a flowchart."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pulumi_kafka_connectors.cli import diagram, report
from pulumi_kafka_connectors.cli.diagram import Node
from pulumi_kafka_connectors.cli.options import OK, PROGRAM, add_command
from pulumi_kafka_connectors.connect import Client, Forbidden, NotFound, Unsupported
from pulumi_kafka_connectors.core.cluster import in_background
from pulumi_kafka_connectors.core.operation import Failure, Operation

if TYPE_CHECKING:
    from pulumi_kafka_connectors.cli.options import Commands

_FORMATS: Final = {"mermaid": diagram.mermaid, "dot": diagram.dot}
_AT_ONCE: Final = 8
"""Connectors whose topics are requested at the same time."""


def add(commands: Commands, common: Sequence[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = add_command(commands, "graph", run, common, "draw sources, topics and sinks as a flowchart, with their states")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these connectors")
    parser.add_argument("--format", choices=_FORMATS, default="mermaid", help="mermaid (default), or dot for Graphviz")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write into this file instead of standard output")


def run(operation: Operation, asked: argparse.Namespace) -> int:
    """Draw what the arguments ask for.

    `GET /connectors?expand=status&expand=info` (Kafka 2.3), `GET /connectors/{name}/topics` (Kafka 2.5).

    Returns:
        0.

    Raises:
        Failure: a connector does not exist.
        ConnectError: the workers cannot be asked.
        OSError: the file cannot be written.
    """
    shown = report.look(operation, asked.names)
    if missing := [one.label for one in shown if not one.found]:
        raise Failure(f"there is no connector {' and no connector '.join(missing)}: `status` lists those that exist")
    try:
        topics = topics_of(operation.cluster.client, [one.name for one in shown])
    except (Forbidden, Unsupported) as problem:
        topics = {}
        print(f"{PROGRAM}: topics are not drawn: {operation.format_error(problem)}", file=sys.stderr)
    nodes = [Node(one, topics.get(one.name, ())) for one in shown]
    text = json.dumps(as_json(nodes), indent=2) + "\n" if asked.json else _FORMATS[asked.format](nodes)
    if asked.output is None:
        print(text, end="")
    else:
        asked.output.write_text(text, encoding="utf-8")
    return OK


def topics_of(client: Client, names: Sequence[str]) -> dict[str, list[str]]:
    """The topics that each connector has used since it was created or these were reset.

    Raises:
        Forbidden, Unsupported: topic tracking is switched off; before 2.5.
    """
    found: dict[str, list[str]] = {}
    left = iter(names)
    while chunk := list(islice(left, _AT_ONCE)):
        replies: dict[str, Future[list[str]]] = {name: in_background(partial(_topics, client, name)) for name in chunk}
        found |= {name: reply.result() for name, reply in replies.items()}
    return found


def _topics(client: Client, name: str) -> list[str]:
    try:
        return client.topics(name)
    except NotFound:  # deleted meanwhile
        return []


def as_json(nodes: Sequence[Node]) -> dict[str, Any]:
    """What `--json` writes. Pure."""
    connectors = report.as_json([node.shown for node in nodes], whole_traces=False)["connectors"]
    return {"connectors": [{**one, "topics": list(node.topics)} for one, node in zip(connectors, nodes, strict=True)]}
