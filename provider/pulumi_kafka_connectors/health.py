"""Status of a connector to a verdict. Pure."""

from __future__ import annotations

import enum
from collections import Counter
from dataclasses import dataclass

from pulumi_kafka_connectors.connect.models import ConnectorState, ConnectorStatus


class Health(enum.Enum):
    """Where a connector stands on its way to the wanted state."""

    HEALTHY = "healthy"
    EMPTY = "empty"
    """Running without any task: legal (MirrorMaker without topics), or its tasks are yet to come."""
    WAITING = "waiting"
    FAILED = "failed"


@dataclass(frozen=True)
class Verdict:
    """The health and, in words, what is missing for it (empty when healthy).

    `again`: seconds after which to look again, where that is known.
    """

    health: Health
    reason: str = ""
    again: float | None = None


def judge(status: ConnectorStatus | None, wanted: str, expected: int | None = None) -> Verdict:
    """Whether a connector is in the wanted state ("running", "paused", "stopped") with all its tasks.

    Args:
        status: None when there is none yet.
        wanted: a state in lower case.
        expected: how many tasks the connector has made configurations for; None when not known.
    """
    if status is None:
        return Verdict(Health.WAITING, "it has no status yet")
    connector, tasks = status.connector, status.tasks
    if connector.state == "FAILED":
        return Verdict(Health.FAILED, f"the connector failed{_where(connector)}: {first_lines(connector.trace)}")
    if connector.state != wanted.upper():
        return Verdict(Health.WAITING, f"the connector is {connector.state.lower()}{_where(connector)}")
    failed = [task for task in tasks if task.state == "FAILED"]
    if failed and wanted != "stopped":
        more = f" ({len(failed)} of {len(tasks)} tasks failed)" if len(failed) > 1 else ""
        return Verdict(Health.FAILED, f"task {failed[0].id} failed{_where(failed[0])}: {first_lines(failed[0].trace)}{more}")
    if wanted == "stopped":
        left = len(tasks)
        return Verdict(Health.WAITING, f"{left} tasks are not stopped yet") if left else Verdict(Health.HEALTHY)
    ready = sum(task.state == wanted.upper() for task in tasks)
    total = max(len(tasks), expected or 0)
    if ready < total or len(tasks) > (total if expected is None else expected):
        return Verdict(Health.WAITING, f"{ready} of {total} tasks {wanted}{_others(status, wanted)}")
    if wanted == "running" and not tasks:
        return Verdict(Health.EMPTY, "it runs without any task")
    return Verdict(Health.HEALTHY)


def _others(status: ConnectorStatus, wanted: str) -> str:
    states = Counter(task.state.lower() for task in status.tasks if task.state != wanted.upper())
    return f" ({', '.join(f'{count} {state}' for state, count in sorted(states.items()))})" if states else ""


def _where(state: ConnectorState) -> str:
    return f" on {state.worker_id}" if state.worker_id else ""


def first_lines(trace: str | None, longest: int = 500) -> str:
    """What went wrong, out of a Java stack trace: its first line and its root cause, on one line."""
    lines = [line.strip() for line in (trace or "").splitlines() if line.strip()]
    if not lines:
        return "the worker gives no trace"
    shown = lines[0]
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    if causes and causes[-1] not in shown:
        shown = f"{shown} (caused by {causes[-1]})"
    return shown[:longest]
