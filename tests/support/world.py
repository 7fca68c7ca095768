"""Two programs, external changes and a group of faulty workers, with an oracle that checks ownership after each operation.

Everything runs on one fake clock, which only sleeping advances, so that every run is reproducible. A concurrent change by
another program or by hand happens while the operation sleeps.
"""

from __future__ import annotations

import contextlib
import copy
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi_kafka_connectors.core import connectors
from pulumi_kafka_connectors.core.cluster import Cluster
from pulumi_kafka_connectors.core.operation import Checked, OperationFailed, Outcome
from pulumi_kafka_connectors.core.redaction import is_mask
from pulumi_kafka_connectors.core.settings import Access
from pulumi_kafka_connectors.core.values import Secret, reveal
from tests.support.clock import FakeClock
from tests.support.engine import SECRET_PATTERN
from tests.support.names import faulty
from tests.support.operations import OperationOn
from tests.support.worker import FakeWorker, Fault, connect_error, fake_group

Props = dict[str, Any]
Snapshot = tuple[dict[str, str], str] | None
"""Configuration and state of a connector; None if there is no connector."""

NAMES = ("a", "b")
FAILING = "13"
"""The `rate` at which tasks fail."""
MASKED = "db.password"
NOT_UNDONE = re.compile(
    r"could not be undone|undoing it failed too|keeps its new configuration|by somebody else meanwhile"
    r"|left as it (is|was), since nobody can see"
)
"""Matches errors that report that something was not undone."""

TARGETS = {
    "create": r"POST /connectors",
    "config": r"PUT /connectors/{name}/config",
    "status": r"GET /connectors/{name}/status",
    "connector": r"GET /connectors/{name}",
    "tasks": r"GET /connectors/{name}/tasks",
    "delete": r"DELETE /connectors/{name}",
    "state": r"PUT /connectors/{name}/(pause|resume|stop)",
    "offsets": r"(PATCH|DELETE) /connectors/{name}/offsets",
    "listing": r"GET /connectors",
    "restart": r"POST /connectors/{name}/.*restart",
    "worker": r"GET /",
    "validation": r"PUT /connector-plugins/.*",
}
"""The requests to which a fault may apply, as `METHOD /path`."""
_HTML = b"<html><title>Sorry</title></html>"
FAULT_KINDS: dict[str, dict[str, Any]] = {
    "lost": {"close": "now"},
    "lost, acted": {"close": "now", "act": True},
    "cut, acted": {"close": "half", "act": True},
    "limited": {"status": 429, "body": b""},
    "forbidden": {"status": 403, "body": _HTML},
    "invalid": {"status": 400, "body": connect_error(400, "these are no partitions of mine: SECRET")},
    "failed": {"status": 500, "body": connect_error(500, "cannot log in with SECRET")},
    "failed, acted": {"status": 500, "body": connect_error(500, "cannot log in with SECRET"), "act": True},
    "timed out, acted": {"status": 500, "body": connect_error(500, "Request timed out"), "act": True},
    "gateway": {"status": 502, "body": _HTML},
    "gateway, acted": {"status": 502, "body": _HTML, "act": True},
    "page, acted": {"status": 200, "body": _HTML, "act": True},
    "empty, acted": {"status": 201, "body": b"", "act": True},
    "404 of another service": {"status": 404, "body": connect_error(404, "Subject 'a' not found.")},
}
"""The kinds of faults, as arguments of `Fault`."""


class Violation(AssertionError):
    """The oracle found a defect."""


@dataclass(frozen=True)
class Conditions:
    """The conditions under which an operation runs.

    Attributes:
        faults: target, kind and count of each fault.
        everywhere: whether all workers have these faults, or only the first one.
        in_preview: whether the faults also apply to the preview.
        concurrent: a change during the operation: "change", "break" (to a configuration that fails), "pause" or "delete" by
            hand, or "adopt" by the other program; empty for none.
        in_sync: whether time passes before the operation, so that all workers have read the previous changes.
        seconds: the timeout of the operation.
    """

    faults: tuple[tuple[str, str, int], ...] = ()
    everywhere: bool = False
    in_preview: bool = False
    concurrent: str = ""
    in_sync: bool = True
    seconds: int = 30


NORMAL = Conditions()


@dataclass
class Resource:
    """A connector in the state of a program, and its declaration in the program."""

    urn: str
    declared: Props
    inputs: Props
    outputs: Props


@dataclass
class OperationResult:
    """The result of an operation, and the connector before and after it."""

    name: str
    before: Snapshot
    after: Snapshot
    error: str
    outcome: Any
    warnings: list[str]
    failed_before: bool
    concurrent: list[Snapshot] = field(default_factory=list)
    violation: Violation | None = None


class Program:
    """A program with its state; each run of it has its own `Cluster`."""

    def __init__(self, number: int, urls: list[str], clock: FakeClock) -> None:
        self.number = number
        self.resources: dict[str, Resource] = {}
        self.cluster: Cluster
        self._urls, self._clock, self._count = urls, clock, 0
        self.start(0)

    def start(self, first: int) -> None:
        """Start another run, which sends its requests to this worker first."""
        if self._count:
            self.cluster.close()
        urls = [*self._urls[first:], *self._urls[:first]]
        self.access = Access({"url": urls, "timeout": 5, "retry": 3}, {})
        self.cluster = Cluster(self.access.settings(), self._clock)
        self._count += 1

    def urn(self, name: str) -> str:
        """A new URN for a resource."""
        self._count += 1
        return f"urn:pulumi:s::p{self.number}::C::{name}{self._count}"

    def operation(self, urn: str) -> OperationOn:
        operation = OperationOn(self.access, self.cluster)
        operation.owner = urn
        return operation


def failing(config: Mapping[str, str]) -> str | None:
    """The trace of a task that fails with this configuration; it contains secrets."""
    if config.get("rate") != FAILING:
        return None
    return f"java.lang.Boom: no login with {config.get(MASKED)}\nCaused by: java.lang.Deep: nor with {config.get('pin')}"


class World:
    """See the module.

    Attributes:
        live: the actual connectors of the group.
    """

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()
        self.clock = FakeClock()
        self.workers: list[FakeWorker] = self._stack.enter_context(fake_group(3, clock=self.clock))
        self.live = self.workers[0].group.connectors
        for worker in self.workers:
            worker.failing = failing
        urls = [worker.url for worker in self.workers]
        self.programs = [Program(number, urls, self.clock) for number in range(2)]
        self._secret = ""

    def close(self) -> None:
        for program in self.programs:
            program.cluster.close()
        self._stack.close()

    def all_workers(self, **attributes: Any) -> None:
        """Set attributes of every worker."""
        for worker in self.workers:
            for key, value in attributes.items():
                setattr(worker, key, value)

    # External changes

    def change_externally(self, kind: str, name: str, config: Mapping[str, str]) -> None:
        """Create, change, break, pause, stop, resume or delete a connector by hand."""
        entry = self.live.get(name)
        if kind == "delete":
            self.live.pop(name, None)
        elif kind == "create" and entry is None:
            self.live[name] = {"config": {**config, "name": name}, "state": "RUNNING"}
        elif entry is not None and kind in ("pause", "stop", "resume"):
            entry["state"] = {"pause": "PAUSED", "stop": "STOPPED", "resume": "RUNNING"}[kind]
        elif entry is not None and kind == "change":
            entry["config"] = {**config, "name": name}
        elif entry is not None and kind == "break":
            entry["broken"] = f"java.lang.Broken: by {entry['config'].get(MASKED)}"

    def move_to_another_cluster(self, number: int, name: str) -> None:
        """The addresses temporarily belong to another Kafka cluster: operations must refuse to touch its connectors."""
        program, resource = self.programs[number], self._resource(number, name)
        if resource is None:
            return
        self.all_workers(kafka_cluster_id="other")
        program.start(0)
        change = {**resource.inputs, "restart": program.urn("x")}
        calls: list[Callable[[OperationOn], Any]] = [
            lambda operation: connectors.read(operation, name, resource.outputs),
            lambda operation: connectors.update(operation, resource.outputs, change),
            lambda operation: connectors.delete(operation, name, resource.outputs),
        ]
        for call in calls:
            result = self._run(program, resource.urn, name, call, NORMAL)
            require("belongs to the Kafka cluster other" in result.error, "another cluster is rejected", result)
            require(result.before == result.after, "a connector on another cluster is left alone", result)
        self.all_workers(kafka_cluster_id="k")
        program.start(0)

    # Operations of programs

    def _resource(self, number: int, name: str) -> Resource | None:
        """The resource with this name; it is created first if necessary, so that most steps have an effect."""
        resources = self.programs[number].resources
        if name not in resources:
            self.create(number, {"name": name, "config": {**faulty(), MASKED: "hunter2-1"}, "adopt": True}, NORMAL)
        return resources.get(name)

    def create(self, number: int, declared: Props, conditions: Conditions, urn: str = "") -> bool:
        """Declare a connector that is not in the program's state yet, or under another URN."""
        program, name = self.programs[number], declared["name"]
        urn = urn or program.urn(name)
        self._secret = reveal(declared["config"]).get(MASKED, "")
        checked = self._preview(program, urn, {}, self._timed(declared, conditions), conditions)
        if any(problem.key != "name" for problem in checked.problems):
            return False  # whether a name is taken may change after the preview
        result = self._run(program, urn, name, lambda operation: connectors.create(operation, checked.inputs), conditions)
        self._check_create(result, declared, conditions)
        if not result.error:
            program.resources[name] = Resource(urn, declared, checked.inputs, result.outcome.outputs)
        return not result.error

    def change(self, number: int, name: str, change: Props, conditions: Conditions) -> None:
        """Change the declaration of a connector in the program."""
        program, resource = self.programs[number], self._resource(number, name)
        if resource is None:
            return
        declared = {key: value for key, value in {**resource.declared, **change}.items() if value is not None}
        self._secret = reveal(declared["config"]).get(MASKED, "")
        checked = self._preview(program, resource.urn, resource.inputs, self._timed(declared, conditions), conditions)
        if checked.problems:
            return
        changes = connectors.compare(program.operation(resource.urn), resource.outputs, checked.inputs)
        require(not changes.replaces, f"nothing is replaced, but {changes}")
        if not changes.any:
            return
        result = self._run(
            program,
            resource.urn,
            name,
            lambda operation: connectors.update(operation, resource.outputs, checked.inputs),
            conditions,
        )
        local = changes.local
        self._check_update(result, declared, resource, conditions, local=local)
        if not result.error and name in program.resources:
            program.resources[name] = Resource(resource.urn, declared, checked.inputs, result.outcome.outputs)

    def rename(self, number: int, name: str, *, adopt: Any, conditions: Conditions) -> None:
        """Rename the resource: a create under a new URN, then a delete of the old one."""
        program, old = self.programs[number], self._resource(number, name)
        if old is None or not self.create(number, {**old.declared, "adopt": adopt}, conditions):
            return
        new = program.resources[name]
        result = self._run(program, old.urn, name, lambda operation: connectors.delete(operation, name, old.outputs), NORMAL)
        require(not result.error, "the delete of the old URN succeeds", result)
        require(result.before == result.after, "a renamed resource keeps its connector", result)
        message = f"connector {name} is now managed by {new.urn}, which created or took it over in this run: it stays"
        require(result.warnings == [message], "a warning reports that it stays", result)

    def forget(self, number: int, name: str) -> None:
        """Remove a connector from the state, then start another run."""
        self.programs[number].resources.pop(name, None)
        self.programs[number].start(0)

    def refresh(self, number: int, name: str, conditions: Conditions) -> None:
        """Refresh a connector in the state, or import it."""
        program = self.programs[number]
        resource = program.resources.get(name)
        if resource is None and name not in self.live:
            return
        if resource is None:
            program.start(0)
        urn = program.urn(name) if resource is None else resource.urn
        self._secret = "" if resource is None else reveal(resource.declared["config"]).get(MASKED, "")
        props = {} if resource is None else resource.outputs
        result = self._run(program, urn, name, lambda operation: connectors.read(operation, name, props), conditions)
        require(result.before == result.after or bool(result.concurrent), "a refresh changes nothing", result)
        if result.error:
            require(not self._undisturbed(conditions), "a refresh without faults succeeds", result)
            return
        if not result.outcome.id:
            require(
                result.after is None or not self._in_sync(conditions),
                "only a deleted connector is dropped from the state",
                result,
            )
            program.resources.pop(name, None)
            return
        shown = reveal(result.outcome.outputs["config"])
        if self._in_sync(conditions) and not result.concurrent:
            require(
                result.after is not None and self._same(shown, result.after[0]),
                "a refresh shows the actual configuration",
                result,
            )
        declared = {"name": name, "config": result.outcome.outputs["config"]} if resource is None else resource.declared
        program.resources[name] = Resource(urn, declared, result.outcome.inputs, result.outcome.outputs)

    def destroy(self, number: int, name: str, conditions: Conditions, edits: Props | None = None) -> None:
        """Delete a connector, optionally with a state that was edited by hand."""
        program = self.programs[number]
        resource = program.resources.get(name)
        if resource is None:
            return
        props = {**resource.outputs, "timeouts": {"delete": conditions.seconds}, **(edits or {})}
        self._secret = "" if "config" in (edits or {}) else reveal(resource.outputs["config"]).get(MASKED, "")
        owner = program.cluster.owners.get(name, resource.urn)
        require(owner == resource.urn, "a resource that created or took over a connector is its owner")
        result = self._run(
            program, resource.urn, name, lambda operation: connectors.delete(operation, name, props), conditions
        )
        if result.error:
            require(not self._undisturbed(conditions), "a delete without faults succeeds", result)
            return
        require(result.after is None or bool(result.concurrent), "a deleted connector is gone", result)
        del program.resources[name]

    # Running operations

    def _preview(self, program: Program, urn: str, olds: Props, news: Props, conditions: Conditions) -> Checked:
        if conditions.in_sync:
            self.clock.advance(30)
        preview = (
            Conditions(conditions.faults, conditions.everywhere, in_sync=False)
            if conditions.in_preview
            else Conditions(in_sync=False)
        )
        result = self._run(program, urn, news["name"], lambda operation: connectors.check(operation, olds, news), preview)
        require(result.before == result.after, "a preview changes nothing", result)
        require(not result.error, "a preview reports problems instead of failing", result)
        checked: Checked = result.outcome
        return checked

    def _run(
        self, program: Program, urn: str, name: str, call: Callable[[OperationOn], Any], conditions: Conditions
    ) -> OperationResult:
        if conditions.in_sync:
            self.clock.advance(30)
        operation, others = program.operation(urn), {key: snapshot(entry) for key, entry in self.live.items() if key != name}
        before = self.live.get(name)
        result = OperationResult(name, snapshot(before), None, "", None, operation.listener.warnings, self._has_failed(name))
        with self._under(program, result, conditions):
            try:
                result.outcome = call(operation)
            except OperationFailed as problem:
                result.error = str(problem)
        result.after = snapshot(self.live.get(name))
        if result.violation is not None:
            raise result.violation
        require("a defect of" not in result.error, "every failure is handled", result)
        texts = [*visible_texts(result.outcome), result.error, *result.warnings, *operation.listener.progress_messages]
        secrets = [text for text in texts if re.search(SECRET_PATTERN, self._without_unknowable(program, result, text))]
        require(not secrets, f"no secret is shown, but: {secrets}", result)
        now = {key: snapshot(entry) for key, entry in self.live.items() if key != name}
        require(now == others, "no other connector changes", result)
        masks = [entry for entry in self.live.values() if any(map(is_mask, entry["config"].values()))]
        require(not masks, "no mask is ever written", result)
        return result

    def _without_unknowable(self, program: Program, result: OperationResult, text: str) -> str:
        """The text without passwords that the provider cannot know: those of tasks that still run with a former
        configuration, and masked ones that were set by hand.
        """
        held = program.resources.get(result.name)
        known = {self._secret, *(reveal(held.outputs["config"]).values() if held is not None else ())}
        configs = [entry["former"][0] for name, entry in self.live.items() if name == result.name and entry.get("former")]
        if self.workers[0].masks and held is not None:
            configs += [found[0] for found in (result.before, result.after, *result.concurrent) if found is not None]
        unknown = {config.get(key, "") for config in configs if config for key in (MASKED, "pin")} - known - {""}
        for value in unknown:
            text = text.replace(value, "")
        return text

    @contextlib.contextmanager
    def _under(self, program: Program, result: OperationResult, conditions: Conditions) -> Iterator[None]:
        for worker in self.workers if conditions.everywhere else self.workers[:1]:
            worker.faults = [self._fault(result.name, *fault) for fault in conditions.faults]
        waiting = bool(conditions.concurrent)

        def change() -> None:
            nonlocal waiting
            if waiting:
                waiting = False
                self._change_concurrently(program, result, conditions.concurrent)

        if waiting:
            self.clock.call_later(0.05, change)
        try:
            yield
        finally:
            waiting = False
            self.all_workers(faults=[])

    def _change_concurrently(self, program: Program, result: OperationResult, kind: str) -> None:
        """Make the concurrent change."""
        config = {"connector.class": "testing.FaultySource", "rate": "7", MASKED: "hunter2-meanwhile"}
        if kind == "break":
            self.change_externally("change", result.name, faulty(rate=FAILING))
        elif kind != "adopt":
            self.change_externally(kind, result.name, config)
        else:
            other = 1 - program.number
            self.programs[other].resources.pop(result.name, None)
            try:
                self.create(other, {"name": result.name, "config": config, "adopt": True}, Conditions(in_sync=False))
            except Violation as violation:
                result.violation = violation  # raised here, it would count as a defect of the surrounding operation
        result.concurrent.append(snapshot(self.live.get(result.name)))

    def _fault(self, name: str, target: str, kind: str, times: int) -> Fault:
        arguments = copy.deepcopy(FAULT_KINDS[kind])
        if isinstance(arguments.get("body"), dict):
            arguments["body"]["message"] = arguments["body"]["message"].replace("SECRET", self._secret)
        return Fault(TARGETS[target].format(name=name), times=times, **arguments)

    @staticmethod
    def _timed(declared: Props, conditions: Conditions) -> Props:
        return {**declared, "timeouts": {"create": conditions.seconds, "update": conditions.seconds}}

    # Checking the results

    def _check_create(self, result: OperationResult, declared: Props, conditions: Conditions) -> None:
        config, adopt = reveal(declared["config"]), declared.get("adopt", False)
        allowed = result.before is None or adopt is True or (adopt == "same" and self._same(result.before[0], config))
        if not allowed:
            require(
                bool(result.error) or not self._in_sync(conditions), "a connector of another owner is not taken over", result
            )
            require(
                result.before == result.after or bool(result.concurrent),
                "a connector of another owner is left alone",
                result,
            )
        elif result.error:
            undisturbed = self._undisturbed(conditions) and failing(config) is None and not result.failed_before
            require(not undisturbed, "a create without faults succeeds", result)
            self._check_failure(result, config, conditions)
        elif not result.concurrent and self._in_sync(conditions):
            state = "RUNNING" if result.before is None else result.before[1]
            self._check_success(result, config, declared.get("state", state).upper())
        self._check_concurrent_change(result, config)

    def _check_update(
        self, result: OperationResult, declared: Props, resource: Resource, conditions: Conditions, *, local: bool
    ) -> None:
        config, state = reveal(declared["config"]), declared.get("state")
        if result.error:
            undisturbed = self._undisturbed(conditions) and failing(config) is None and not result.failed_before
            require(not undisturbed or "offsets" in declared, "an update without faults succeeds", result)
            self._check_failure(result, config, conditions)
        elif local:
            require(result.before == result.after, "a local change changes nothing", result)
        elif not result.concurrent and self._in_sync(conditions):
            former = resource.outputs.get("state")
            was = "RUNNING" if result.before is None else result.before[1]
            released = "RUNNING" if former is not None and former.upper() == was else was
            self._check_success(result, config, released if state is None else state.upper())
        self._check_concurrent_change(result, config)

    def _check_success(self, result: OperationResult, config: Props, state: str) -> None:
        require(result.after is not None, "after a success the connector exists", result)
        live, found = result.after or ({}, "")
        require(self._same(live, config), f"after a success the configuration is as declared: {config}", result)
        require(found == state, f"after a success the state is {state}", result)
        require(state == "STOPPED" or not self._has_failed(result.name), "after a success no task has failed", result)

    def _check_failure(self, result: OperationResult, config: Props, conditions: Conditions) -> None:
        """A failed operation must restore the previous connector, or its error must report why it could not."""
        if result.concurrent:
            return
        require(
            "by somebody else" not in result.error or not self._in_sync(conditions),
            "no change by others is reported without one",
            result,
        )
        if NOT_UNDONE.search(result.error) or result.failed_before or not self._in_sync(conditions):
            return
        kept = result.before is None if result.after is None else result.before is not None
        if result.after is not None and result.before is not None:
            kept = result.after[1] == result.before[1] and self._same(result.after[0], result.before[0])
        require(kept, f"a failure restores the connector, or reports why not (declared: {config})", result)

    def _check_concurrent_change(self, result: OperationResult, config: Props) -> None:
        """A concurrent change must be kept."""
        if not result.concurrent:
            return
        concurrent = result.concurrent[-1]
        if concurrent is None:
            require(result.after is None, "a concurrent delete is kept", result)
        elif not any(self._same(concurrent[0], other) for other in (config, *([result.before[0]] if result.before else []))):
            require(result.after is not None and result.after[0] == concurrent[0], "a concurrent change is kept", result)

    def _same(self, one: Mapping[str, str], other: Mapping[str, str]) -> bool:
        """Whether two configurations are equal, except for masked values."""
        hidden = self.workers[0].masks | {"name"}
        shown = [{key: value for key, value in config.items() if key not in hidden} for config in (one, other)]
        return shown[0] == shown[1]

    def _has_failed(self, name: str) -> bool:
        if name not in self.live:
            return False
        return any(task["state"] == "FAILED" for task in self.workers[0]._status(self.live, name)["tasks"])

    def _in_sync(self, conditions: Conditions) -> bool:
        """Whether all workers have read the previous changes."""
        return conditions.in_sync or not any(worker.lag for worker in self.workers)

    def _undisturbed(self, conditions: Conditions) -> bool:
        slow = any(worker.start_delay or worker.config_delay for worker in self.workers)
        return (
            not conditions.faults
            and not conditions.concurrent
            and self._in_sync(conditions)
            and not slow
            and conditions.seconds > 20
        )


def snapshot(entry: Mapping[str, Any] | None) -> Snapshot:
    """Configuration and state of an entry of the fake workers."""
    if entry is None:
        return None
    return {key: value for key, value in entry["config"].items() if key != "name"}, entry["state"]


def visible_texts(value: Any) -> Iterator[str]:
    """Every text in an outcome that is not marked as secret."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from (*visible_texts(key), *visible_texts(inner))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from visible_texts(inner)
    elif isinstance(value, Outcome):
        yield from (*visible_texts(value.outputs), *visible_texts(value.inputs))
    elif isinstance(value, Checked):
        yield from (*visible_texts(value.inputs), *(problem.text for problem in value.problems))
    else:
        assert isinstance(value, Secret | int | float | None), value


def require(condition: bool, rule: str, result: OperationResult | None = None) -> None:
    """Check a rule.

    Raises:
        Violation: the condition is false.
    """
    if not condition:
        raise Violation(f"{rule}: {result}" if result is not None else rule)
