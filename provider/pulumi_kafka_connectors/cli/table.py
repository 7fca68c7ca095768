"""Connectors and tasks as a table: plain columns for pipes and files, `rich` for terminals."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Final

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from pulumi_kafka_connectors.cli.report import MISSING, NO_STATUS, Part, Shown, line
from pulumi_kafka_connectors.connect.states import State

Row = tuple[str, ...]
_HEADINGS: Final = ("CONNECTOR", "TYPE", "TASK", "STATE", "WORKER")
_STYLES: Final = {
    State.RUNNING.value: "green",
    State.PAUSED.value: "yellow",
    State.STOPPED.value: "yellow",
    State.FAILED.value: "bold red",
    MISSING: "bold red",
}
_OTHER: Final = "cyan"
_STATE: Final = _HEADINGS.index("STATE")


def rows(shown: Sequence[Shown], *, whole_traces: bool) -> Iterator[tuple[Row, str]]:
    """The cells of each row, and the text about a failure that belongs to it."""
    for one in shown:
        if one.instance is None:
            yield (one.label, one.type, "", NO_STATUS if one.found else MISSING, ""), ""
            continue
        for part in one.parts:
            first = (one.label, one.type) if part.task is None else ("", "")
            yield (*first, *_cells(part)), part.trace if whole_traces else part.cause


def _cells(part: Part) -> Row:
    return ("" if part.task is None else str(part.task), line(part.state.value), part.worker)


def columns(found: Sequence[Row]) -> list[str]:
    """A line for each row, with columns as wide as needed; a row may have fewer cells than others. Pure."""
    widths = [max(map(len, column)) for column in zip_longest(*found, fillvalue="")]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip() for row in found]


def plain(shown: Sequence[Shown], *, whole_traces: bool) -> str:
    """Columns as wide as needed; what is told about a failure stands on lines of its own below its row. Pure."""
    found = [(_HEADINGS, ""), *rows(shown, whole_traces=whole_traces)]
    lines: list[str] = []
    for row, (_, told) in zip(columns([cells for cells, _ in found]), found, strict=True):
        lines += [row, *(f"    {told_line}" for told_line in told.splitlines())]
    return "\n".join([*lines, ""])


def rich_table(shown: Sequence[Shown], *, whole_traces: bool) -> RenderableType:
    """The same for a terminal, folded into its width, with a summary below. No text is read as markup."""
    causes = not whole_traces and any(one.failures for one in shown)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading in (*_HEADINGS, *(["CAUSE"] if causes else [])):
        table.add_column(
            Text(heading),
            overflow="fold",
            no_wrap=heading in ("TYPE", "TASK", "STATE"),
            justify="right" if heading == "TASK" else "left",
        )
    for cells, told in rows(shown, whole_traces=whole_traces):
        style = _STYLES.get(cells[_STATE], _OTHER)
        texts = [Text(cell, style=style if at == _STATE else "") for at, cell in enumerate(cells)]
        table.add_row(*texts, *([Text(told)] if causes else []))
    traces = [Text(text) for text in _traces(shown)] if whole_traces else []
    return Group(table, *traces, Text(f"\n{summary(shown)}", style="dim"))


def _traces(shown: Sequence[Shown]) -> Iterator[str]:
    for one in shown:
        for part in one.failures:
            what = "connector" if part.task is None else f"task {part.task}"
            yield f"\n{one.label}, {what}:\n{part.trace}"


def summary(shown: Sequence[Shown]) -> str:
    """`3 connectors, 5 tasks: 6 running, 2 failed`. Pure."""
    tasks = [task for one in shown for task in one.tasks]
    states = Counter(part.state.word for one in shown for part in one.parts)
    counted = ", ".join(f"{count} {state}" for state, count in states.most_common())
    return f"{_number(len(shown), 'connector')}, {_number(len(tasks), 'task')}{f': {counted}' if counted else ''}"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def console() -> Console:
    """Where tables go: standard output; no colours with NO_COLOR, no control sequences unless it is a terminal."""
    return Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
