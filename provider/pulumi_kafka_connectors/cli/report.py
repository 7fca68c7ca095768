"""What the workers show of connectors and tasks, with texts that may be printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pulumi_kafka_connectors.connect.models import ConnectorState, ConnectorStatus, Expanded, TaskState
from pulumi_kafka_connectors.connect.states import State
from pulumi_kafka_connectors.core import lookups
from pulumi_kafka_connectors.core.health import root_cause
from pulumi_kafka_connectors.core.operation import Operation
from pulumi_kafka_connectors.core.redaction import visible

MISSING: Final = "not found"
NO_STATUS: Final = "no status yet"


@dataclass(frozen=True)
class Part:
    """The connector instance, or one of its tasks.

    Attributes:
        task: number of the task; None for the connector instance.
        cause: the root cause of a failure, on one line; empty unless it failed.
        trace: the whole stack trace of a failure.
    """

    task: int | None
    state: State
    worker: str = ""
    cause: str = field(default="", repr=False)
    trace: str = field(default="", repr=False)

    @property
    def failed(self) -> bool:
        """Whether it failed."""
        return self.state is State.FAILED

    @property
    def failure(self) -> str:
        """`task 1 failed on 10.0.0.1:8083: the root cause`."""
        what = "the connector" if self.task is None else f"task {self.task}"
        return f"{what} failed{f' on {self.worker}' if self.worker else ''}: {self.cause}"


@dataclass(frozen=True)
class Shown:
    """A connector as it is shown. Its texts contain no secrets; `name` is exact, every other text is `visible`.

    Attributes:
        type: source, sink or unknown.
        instance: None without a status.
        found: whether there is such a connector.
    """

    name: str
    type: str = ""
    instance: Part | None = None
    tasks: tuple[Part, ...] = ()
    found: bool = True

    @property
    def parts(self) -> list[Part]:
        """The connector instance and its tasks."""
        return [*([self.instance] if self.instance else []), *self.tasks]

    @property
    def failures(self) -> list[Part]:
        """What failed."""
        return [part for part in self.parts if part.failed]

    @property
    def healthy(self) -> bool:
        """Whether it exists and nothing of it failed."""
        return self.found and not self.failures

    @property
    def status(self) -> str:
        """One word: `failed` when the connector instance or a task failed, `missing`, or the state of the instance."""
        if not self.found:
            return "missing"
        if self.failures:
            return State.FAILED.word
        return (self.instance.state if self.instance else State.UNASSIGNED).word

    @property
    def label(self) -> str:
        """The name on one line, with nothing that a terminal would obey."""
        return line(self.name)


def look(operation: Operation, names: Sequence[str] = ()) -> list[Shown]:
    """The connectors with these names (all if there are none), in the order of their names.

    `GET /connectors?expand=status&expand=info` (Kafka 2.3).

    Raises:
        ConnectError: the workers cannot be asked.
    """
    found = operation.cluster.client.expanded(status=True, info=True)
    return [_shown(operation, name, found.get(name)) for name in sorted(set(names) or found)]


def _shown(operation: Operation, name: str, entry: Expanded | None) -> Shown:
    if entry is None:
        return Shown(name, found=False)
    if entry.status is None:
        return Shown(name, line(entry.info.type) if entry.info else "")
    status = lookups.without_traces(operation, entry.status, entry.info)
    instance = _part(operation, None, status.connector)
    return Shown(name, line(status.type), instance, tuple(_tasks(operation, status)))


def _tasks(operation: Operation, status: ConnectorStatus) -> Iterator[Part]:
    for task in sorted(status.tasks, key=_number):
        yield _part(operation, task.id, task)


def _number(task: TaskState) -> int:
    return task.id


def _part(operation: Operation, task: int | None, state: ConnectorState) -> Part:
    worker = line(state.worker_id)
    if state.state is not State.FAILED:
        return Part(task, state.state, worker)
    trace = (state.trace or "").rstrip()
    redactor = operation.redactor
    return Part(task, state.state, worker, redactor.one_line(root_cause(trace)), redactor.redact(trace))


def line(text: str) -> str:
    """The text on one line, with nothing that a terminal would obey. Pure."""
    return visible(" ".join(text.split()))


def as_json(shown: Sequence[Shown], *, whole_traces: bool) -> dict[str, Any]:
    """What `--json` writes. Pure."""
    failed = sum(one.status == State.FAILED.word for one in shown)
    missing = sum(not one.found for one in shown)
    connectors = [_connector_as_json(one, whole_traces=whole_traces) for one in shown]
    return {"healthy": not failed and not missing, "failed": failed, "missing": missing, "connectors": connectors}


def _connector_as_json(shown: Shown, *, whole_traces: bool) -> dict[str, Any]:
    record: dict[str, Any] = {"name": shown.name, "status": shown.status}
    if not shown.found:
        return record
    instance = _part_as_json(shown.instance, whole_traces=whole_traces) if shown.instance else None
    tasks = [{"id": task.task, **_part_as_json(task, whole_traces=whole_traces)} for task in shown.tasks]
    return {**record, "type": shown.type or "unknown", "connector": instance, "tasks": tasks}


def _part_as_json(part: Part, *, whole_traces: bool) -> dict[str, Any]:
    record = {"state": part.state.word, "worker": part.worker}
    if not part.failed:
        return record
    return {**record, "cause": part.cause, **({"trace": part.trace} if whole_traces else {})}
