"""`pulumi-kafka-connectors status`: connectors and tasks as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pulumi_kafka_connectors.connect.models import ConnectorState, Expanded
from pulumi_kafka_connectors.connect.states import State
from pulumi_kafka_connectors.core import validation
from pulumi_kafka_connectors.core.health import root_cause
from pulumi_kafka_connectors.core.operation import Operation
from pulumi_kafka_connectors.core.redaction import secret_keys
from pulumi_kafka_connectors.core.spec import own_config

_HEADINGS = ("CONNECTOR", "TYPE", "TASK", "STATE", "WORKER", "")
Row = tuple[str, ...]


def show(operation: Operation, names: Sequence[str], *, whole_traces: bool) -> int:
    """Print the connectors of these names (none: all).

    Returns:
        1 when something failed or is not there, else 0.
    """
    found = operation.cluster.client.expanded(status=True, info=True)
    rows: list[Row] = [_HEADINGS]
    for name in sorted(names or found):
        rows += _rows(operation, name, found.get(name), whole_traces=whole_traces)
    _print_table(rows)
    return int(any(row[3] in (State.FAILED.value, _MISSING) for row in rows))


_MISSING = "not found"


def _rows(operation: Operation, name: str, entry: Expanded | None, *, whole_traces: bool) -> Iterator[Row]:
    if entry is None or entry.status is None:
        yield (name, "", "", _MISSING if entry is None else "no status yet", "", "")
        return
    states: list[tuple[str, ConnectorState]] = [("", entry.status.connector)]
    states += [(str(task.id), task) for task in entry.status.tasks]
    for number, state in states:
        trace = _trace(operation, name, entry, state, whole=whole_traces) if state.state is State.FAILED else ""
        first = ("", "") if number else (name, entry.status.type)
        yield (*first, number, state.state.value, state.worker_id, trace)


def _trace(operation: Operation, name: str, entry: Expanded, state: ConnectorState, *, whole: bool) -> str:
    config = own_config(entry.info.config) if entry.info is not None else {}
    secret = secret_keys(config, validation.typed_passwords(operation.cluster, config))
    operation.redactor.add_config(config, secret)
    operation.redactor.add(*(validation.resolved_secrets(operation.cluster, name, config, secret) or ()))
    trace = state.trace or ""
    return operation.redactor.redact(trace.rstrip()) if whole else operation.redactor.sentence(root_cause(trace))


def _print_table(rows: Sequence[Row]) -> None:
    """Columns as wide as needed; the last, a trace, on lines of its own."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]) - 1)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip())
        for line in row[-1].splitlines():
            print(f"    {line}")
