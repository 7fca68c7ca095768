"""`pulumi-kafka-connectors status`: connectors and tasks as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pulumi_kafka_connectors.connect.models import ConnectorState, Expanded
from pulumi_kafka_connectors.connect.states import State
from pulumi_kafka_connectors.core import lookups
from pulumi_kafka_connectors.core.health import root_cause
from pulumi_kafka_connectors.core.operation import Operation
from pulumi_kafka_connectors.core.redaction import visible

_HEADINGS = ("CONNECTOR", "TYPE", "TASK", "STATE", "WORKER", "")
Row = tuple[str, ...]


def show(operation: Operation, names: Sequence[str], *, whole_traces: bool) -> int:
    """Print the connectors with these names (all if there are none).

    Returns:
        1 when something failed or was not found, else 0.
    """
    found = operation.cluster.client.expanded(status=True, info=True)
    rows: list[Row] = [_HEADINGS]
    for name in sorted(names or found):
        for *cells, trace in _rows(operation, name, found.get(name), whole_traces=whole_traces):
            rows.append((*(visible(" ".join(cell.split())) for cell in cells), trace))
    _print_table(rows)
    return int(any(row[3] in (State.FAILED.value, _MISSING) for row in rows))


_MISSING = "not found"


def _rows(operation: Operation, name: str, entry: Expanded | None, *, whole_traces: bool) -> Iterator[Row]:
    if entry is None or entry.status is None:
        yield (name, "", "", _MISSING if entry is None else "no status yet", "", "")
        return
    status = lookups.without_traces(operation, entry.status, entry.info)
    states: list[tuple[str, ConnectorState]] = [("", status.connector), *((str(task.id), task) for task in status.tasks)]
    for number, state in states:
        trace = _trace(operation, state.trace or "", whole=whole_traces) if state.state is State.FAILED else ""
        first = ("", "") if number else (name, status.type)
        yield (*first, number, state.state.value, state.worker_id, trace)


def _trace(operation: Operation, trace: str, *, whole: bool) -> str:
    return operation.redactor.redact(trace.rstrip()) if whole else operation.redactor.one_line(root_cause(trace))


def _print_table(rows: Sequence[Row]) -> None:
    """Print columns as wide as needed; the last one, a stack trace, goes on separate lines."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]) - 1)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip())
        for line in row[-1].splitlines():
            print(f"    {line}")
