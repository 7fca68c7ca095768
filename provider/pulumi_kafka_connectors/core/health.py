"""The health of a connector, derived from its status. Pure."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pulumi_kafka_connectors.connect.models import ConnectorState, ConnectorStatus
from pulumi_kafka_connectors.connect.states import State
from pulumi_kafka_connectors.core.spec import TARGET_STATES

_LONGEST_LINE: Final = 800
"""Characters of one line of a stack trace that an error shows: with them the root cause always fits into it."""


class Health(enum.Enum):
    """How far a connector is on its way to the wanted state."""

    HEALTHY = "healthy"
    EMPTY = "empty"
    """Running without tasks: valid (MirrorMaker without topics), or its tasks do not exist yet."""
    WAITING = "waiting"
    FAILED = "failed"


@dataclass(frozen=True)
class Verdict:
    """The health, and the reason as text when not healthy.

    Attributes:
        poll_after: seconds after which to poll again, if known.
    """

    health: Health
    reason: str = field(default="", repr=False)
    poll_after: float | None = None


@dataclass(frozen=True)
class Observed:
    """A connector as it is on the cluster.

    Attributes:
        config: in the form of `spec.own_config`.
        status: None if it has no status yet.
        type: source, sink or unknown.
        tasks: configurations of its tasks, if requested.
    """

    config: Mapping[str, str] = field(repr=False)
    status: ConnectorStatus | None
    type: str
    tasks: Sequence[Mapping[str, str]] = field(default=(), repr=False)

    @property
    def state(self) -> State:
        """FAILED when the connector or any task failed; UNASSIGNED when there is no status."""
        if self.status is None:
            return State.UNASSIGNED
        if any(task.state is State.FAILED for task in self.status.tasks):
            return State.FAILED
        return self.status.connector.state

    @property
    def target(self) -> State:
        """The target state that its operator chose, as far as the status shows it."""
        state = State.RUNNING if self.status is None else self.status.connector.state
        return state if state in TARGET_STATES else State.RUNNING

    @property
    def failed(self) -> bool:
        """Whether the connector or a task failed."""
        return self.status is not None and evaluate(self.status, self.target).health is Health.FAILED

    @property
    def outputs(self) -> dict[str, Any]:
        """The outputs of the connector's resource in addition to its inputs."""
        tasks = [{"id": task.id, "state": task.state.word} for task in (self.status.tasks if self.status else [])]
        version = self.status.connector.version if self.status else None
        outputs = {"status": self.state.word, "type": self.type, "tasks": tasks}
        return {**outputs, "version": version} if version else outputs


def evaluate(status: ConnectorStatus | None, wanted: State, expected: int | None = None) -> Verdict:
    """Whether a connector is in the wanted state with all its tasks.

    Args:
        status: None when there is none yet.
        wanted: RUNNING, PAUSED or STOPPED.
        expected: number of tasks that the connector has created configurations for; None if unknown.
    """
    if status is None:
        return Verdict(Health.WAITING, "it has no status yet")
    connector = status.connector
    if connector.state is State.FAILED:
        return Verdict(Health.FAILED, f"the connector failed{_where(connector)}: {root_cause(connector.trace)}")
    if connector.state is not wanted:
        return Verdict(Health.WAITING, f"the connector is {connector.state.word}{_where(connector)}")
    if wanted is State.STOPPED:
        left = len(status.tasks)
        text = f"{left} {'task has' if left == 1 else 'tasks have'} not stopped yet"
        return Verdict(Health.WAITING, text) if left else Verdict(Health.HEALTHY)
    return _failed_task(status) or _all_there(status, wanted, expected)


def _failed_task(status: ConnectorStatus) -> Verdict | None:
    failed = [task for task in status.tasks if task.state is State.FAILED]
    if not failed:
        return None
    more = f" ({len(failed)} of {len(status.tasks)} tasks failed)" if len(failed) > 1 else ""
    return Verdict(Health.FAILED, f"task {failed[0].id} failed{_where(failed[0])}: {root_cause(failed[0].trace)}{more}")


def failures(status: ConnectorStatus | None) -> list[str]:
    """All failures of the connector and its tasks, each with its root cause."""
    if status is None:
        return []
    connector = [f"the connector failed{_where(status.connector)}: {root_cause(status.connector.trace)}"]
    tasks = [task for task in status.tasks if task.state is State.FAILED]
    return (connector if status.connector.state is State.FAILED else []) + [
        f"task {task.id} failed{_where(task)}: {root_cause(task.trace)}" for task in tasks
    ]


def _all_there(status: ConnectorStatus, wanted: State, expected: int | None) -> Verdict:
    tasks = status.tasks
    ready = sum(task.state is wanted for task in tasks)
    total = max(len(tasks), expected or 0)
    if ready < total or len(tasks) > (total if expected is None else expected):
        return Verdict(Health.WAITING, f"{ready} of {total} tasks {wanted.word}{_others(status, wanted)}")
    if wanted is State.RUNNING and not tasks:
        return Verdict(Health.EMPTY, "it runs without tasks")
    return Verdict(Health.HEALTHY)


def _others(status: ConnectorStatus, wanted: State) -> str:
    states = Counter(task.state.word for task in status.tasks if task.state is not wanted)
    return f" ({', '.join(f'{count} {state}' for state, count in sorted(states.items()))})" if states else ""


def _where(state: ConnectorState) -> str:
    return f" on {state.worker_id}" if state.worker_id else ""


def root_cause(trace: str | None) -> str:
    """The first line and the root cause of a Java stack trace, on one line, each cut between words if it is very long.

    The trace must not contain secrets: a cut could leave a part of one that nothing recognizes.
    """
    lines = [" ".join(line.split()) for line in (trace or "").splitlines() if line.strip()]
    if not lines:
        return "the worker reports no stack trace"
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    first = _shorten(lines[0])
    return f"{first} (caused by {_shorten(causes[-1])})" if causes and causes[-1] not in lines[0] else first


def _shorten(text: str) -> str:
    if len(text) <= _LONGEST_LINE:
        return text
    words, _, _ = text[: _LONGEST_LINE + 1].rpartition(" ")
    return f"{words or text[:_LONGEST_LINE]} ..."
