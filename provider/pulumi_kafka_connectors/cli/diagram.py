"""A pipeline as text that draws itself: Mermaid or DOT. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pulumi_kafka_connectors.cli.report import Shown, line
from pulumi_kafka_connectors.connect.states import State

_STYLES: Final = {
    State.RUNNING.word: ("#e3f4e4", "#2e7d32", 1),
    State.FAILED.word: ("#ffd9d9", "#c62828", 3),
    "other": ("#fff4d6", "#b26a00", 1),
    "topic": ("#e3ecfa", "#3a5f9e", 1),
}
"""Fill, border and width of the border, by state of a connector or kind of node."""
_ARROWS: Final = {"source": "to", "sink": "from"}
"""Which way records flow between a connector and its topics, by type of connector."""


@dataclass(frozen=True)
class Node:
    """A connector with the topics that it writes to or reads from."""

    shown: Shown
    topics: Sequence[str] = ()

    @property
    def arrow(self) -> str:
        """`to` topics, `from` topics, or `with` them where the type is not known."""
        return _ARROWS.get(self.shown.type, "with")

    @property
    def label(self) -> tuple[str, str]:
        """The name, and below it type and state."""
        return self.shown.label, f"{self.shown.type or 'unknown'}, {self._state}"

    @property
    def _state(self) -> str:
        tasks, failures = self.shown.tasks, self.shown.failures
        if any(part.task is None for part in failures):
            return "FAILED"
        if failures:
            return f"FAILED: {len(failures)} of {len(tasks)} {_tasks(len(tasks))}"
        return f"{line(self.shown.status)}, {len(tasks) or 'no'} {_tasks(len(tasks))}"

    @property
    def style(self) -> str:
        """A key of `_STYLES`."""
        return self.shown.status if self.shown.status in _STYLES else "other"


def _tasks(count: int) -> str:
    return "task" if count == 1 else "tasks"


@dataclass(frozen=True)
class _Drawing:
    """Connectors and topics by their identifiers, and the edges between these."""

    connectors: dict[str, Node]
    topics: dict[str, str]

    @property
    def edges(self) -> Iterator[tuple[str, str, str]]:
        """From, to, and the `arrow` of the connector."""
        for identifier, node in self.connectors.items():
            for topic in sorted(set(node.topics)):
                ends = (self.topics[topic], identifier) if node.arrow == "from" else (identifier, self.topics[topic])
                yield (*ends, node.arrow)


def _drawing(nodes: Sequence[Node]) -> _Drawing:
    topics = sorted({topic for node in nodes for topic in node.topics})
    order = {"to": 0, "with": 1, "from": 2}
    placed = sorted(nodes, key=lambda node: (order[node.arrow], node.shown.name))
    return _Drawing(
        {f"c{number}": node for number, node in enumerate(placed, 1)},
        {topic: f"t{number}" for number, topic in enumerate(topics, 1)},
    )


# Mermaid

_HARMLESS: Final = r",|:(?= )|(?<=[^\W_])[-_./](?=[^\W_])"
"""Signs that mean nothing where they stand; elsewhere some begin a list, emphasis or an icon."""


def mermaid(nodes: Sequence[Node]) -> str:
    """A Mermaid flowchart from left to right."""
    drawing = _drawing(nodes)
    lines = ["flowchart LR"]
    for identifier, node in drawing.connectors.items():
        lines.append(f'    {identifier}["{"<br/>".join(map(_in_mermaid, node.label))}"]:::{node.style}')
    lines += [f'    {identifier}[("{_in_mermaid(line(topic))}")]:::topic' for topic, identifier in drawing.topics.items()]
    lines += [f"    {one} {'---' if arrow == 'with' else '-->'} {other}" for one, other, arrow in drawing.edges]
    for name, (fill, border, width) in _STYLES.items():
        lines.append(f"    classDef {name} fill:{fill},stroke:{border},stroke-width:{width}px,color:#1b1b1b")
    return "\n".join([*lines, ""])


def _in_mermaid(text: str) -> str:
    """Text within double quotes: what Mermaid, Markdown or HTML could take for more than text is written by its number."""
    return re.sub(rf"{_HARMLESS}|[^\W_]| |(.)", lambda sign: f"#{ord(sign[1])};" if sign[1] else sign[0], text)


# DOT


def dot(nodes: Sequence[Node]) -> str:
    """A graph for Graphviz, from left to right."""
    drawing = _drawing(nodes)
    lines = ["digraph connectors {", "    rankdir=LR;", '    node [style=filled, fontname="sans-serif"];']
    for identifier, node in drawing.connectors.items():
        label = "\\n".join(map(_in_dot, node.label))
        lines.append(f'    {identifier} [label="{label}", shape=box, {_dot_style(node.style)}];')
    for topic, identifier in drawing.topics.items():
        lines.append(f'    {identifier} [label="{_in_dot(line(topic))}", shape=cylinder, {_dot_style("topic")}];')
    for one, other, arrow in drawing.edges:
        lines.append(f"    {one} -> {other}{' [dir=none]' if arrow == 'with' else ''};")
    return "\n".join([*lines, "}", ""])


def _dot_style(name: str) -> str:
    fill, border, width = _STYLES[name]
    return f'fillcolor="{fill}", color="{border}", penwidth={width}'


def _in_dot(text: str) -> str:
    """Text within double quotes; Graphviz reads escapes and HTML's entities there."""
    return text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
