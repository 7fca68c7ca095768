"""Connector and task states in the Prometheus text exposition format, version 0.0.4. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from pulumi_kafka_connectors.cli.report import Shown
from pulumi_kafka_connectors.connect.states import State
from pulumi_kafka_connectors.core.redaction import visible

_PREFIX: Final = "kafka_connect"
Sample = tuple[dict[str, str], int]


def exposition(shown: Sequence[Shown]) -> str:
    """The metrics of these connectors, of which those that do not exist are left out."""
    found = [one for one in shown if one.found]
    states = {one.name: (one.instance.state if one.instance else State.UNASSIGNED) for one in found}
    tasks = [(one, task) for one in found for task in one.tasks]
    lines = [
        *_metric("up", "Whether a worker of the cluster answers.", [({}, 1)]),
        *_metric(
            "connector_state",
            "1 for the state that the connector is in.",
            [({"connector": one.name, "type": one.type or "unknown", "state": states[one.name].word}, 1) for one in found],
        ),
        *_metric(
            "task_state",
            "1 for the state that the task is in.",
            [
                ({"connector": one.name, "type": one.type or "unknown", "task": str(task.task), "state": task.state.word}, 1)
                for one, task in tasks
            ],
        ),
        *_metric("connectors", "Number of connectors by state.", _counts(Counter(states.values()))),
        *_metric("tasks", "Number of tasks by state.", _counts(Counter(task.state for _, task in tasks))),
    ]
    return "".join(f"{line}\n" for line in lines)


def silence() -> str:
    """The metrics of a cluster of which no worker answers."""
    return "".join(f"{line}\n" for line in _metric("up", "Whether a worker of the cluster answers.", [({}, 0)]))


def _metric(name: str, meaning: str, samples: Sequence[Sample]) -> Iterator[str]:
    """The lines of one metric; none without samples, since a family without any is of no use."""
    if not samples:
        return
    yield f"# HELP {_PREFIX}_{name} {meaning}"
    yield f"# TYPE {_PREFIX}_{name} gauge"
    for labels, value in samples:
        inside = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        yield f"{_PREFIX}_{name}{f'{{{inside}}}' if inside else ''} {value}"


def _counts(counter: Counter[State]) -> list[Sample]:
    """One sample for each known state, also for those with none, and for unknown states that occur."""
    states = [*State, *(state for state in counter if state not in set(State))]
    return [({"state": state.word}, counter[state]) for state in states]


def _escaped(value: str) -> str:
    r"""A label value; what `visible` would replace is written as `\u....`, so that different names stay different."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return "".join(char if visible(char) == char else f"\\\\u{ord(char):04x}" for char in escaped)
