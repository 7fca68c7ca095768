"""Two programs, external changes and a group of faulty workers, with an oracle that checks ownership after each operation.

The first program records what a failed operation leaves, as the engine does for the plugin: the next `up` updates such a
resource even without a difference. The second one records nothing of a failed operation.

Everything runs on one fake clock, which only sleeping advances, so that every run is reproducible. A concurrent change by
another program or by hand happens while the operation sleeps.
"""

from __future__ import annotations

import contextlib
import copy
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pulumi_kafka_connectors.connect import Features, kafka_version
from pulumi_kafka_connectors.core import connectors
from pulumi_kafka_connectors.core.cluster import Cluster
from pulumi_kafka_connectors.core.operation import Checked, OperationFailed, Outcome
from pulumi_kafka_connectors.core.redaction import is_mask
from pulumi_kafka_connectors.core.settings import Access
from pulumi_kafka_connectors.core.values import Secret, reveal
from tests.support.clock import FakeClock, ProcessClock
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
        late: whether the faults begin only when the operation sleeps.
        interrupted: the seconds after which the run is interrupted; None for never.
        concurrent: a change during the operation: "change", "break" (to a configuration that fails), "pause" or "delete" by
            hand, or "adopt" by the other program; empty for none.
        in_sync: whether time passes before the operation, so that all workers have read the previous changes.
        seconds: the timeout of the operation.
    """

    faults: tuple[tuple[str, str, int], ...] = ()
    everywhere: bool = False
    in_preview: bool = False
    late: bool = False
    interrupted: float | None = None
    concurrent: str = ""
    in_sync: bool = True
    seconds: int = 30


NORMAL = Conditions()


@dataclass
class Unfinished:
    """What the oracle knows about a connector since operations on it failed and were recorded.

    Attributes:
        state: the state in which the connector is to be where none is declared.
        restart: the declared `restart` that needs no restart.
        restarts: the number of restarts before the first failure.
        touched: whether somebody else has changed the connector since.
    """

    state: str
    restart: Any
    restarts: int
    touched: bool = False


@dataclass
class Resource:
    """A connector in the state of a program, and its declaration in the program.

    Attributes:
        problem: the error of the last operation, if that was recorded; then the next `up` updates the connector.
        unfinished: set from a recorded failure until a success.
    """

    urn: str
    declared: Props
    inputs: Props
    outputs: Props
    problem: str = ""
    unfinished: Unfinished | None = None


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
    restarts_before: int
    remains: Outcome | None = None
    interrupted: bool = False
    concurrent: list[Snapshot] = field(default_factory=list)
    violation: Violation | None = None


class Program:
    """A program with its state; each run of it has its own `Cluster`, and can be interrupted alone.

    Attributes:
        records: whether the state records what a failed operation leaves.
    """

    def __init__(self, number: int, urls: list[str], clock: FakeClock) -> None:
        self.number, self.records = number, number == 0
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
        self.clock = ProcessClock(self._clock)
        self.cluster = Cluster(self.access.settings(), self.clock)
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
        self._set_offsets: dict[str, Program] = {}  # the program that last changed them, by name of the connector

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
        self._touch(name)
        if kind == "delete":
            self.live.pop(name, None)
        elif kind == "create" and entry is None:
            self.live[name] = {"config": {**config, "name": name}, "state": "RUNNING"}
        elif kind == "stop" and not self._features.stop:
            return
        elif entry is not None and kind in ("pause", "stop", "resume"):
            entry["state"] = {"pause": "PAUSED", "stop": "STOPPED", "resume": "RUNNING"}[kind]
        elif entry is not None and kind == "change":
            entry["config"] = {**config, "name": name}
        elif entry is not None and kind == "break":
            entry["broken"] = f"java.lang.Broken: by {entry['config'].get(MASKED)}"

    def _touch(self, name: str, *, by: Program | None = None) -> None:
        """Somebody changed a connector: to the other programs, it is no longer as they left it."""
        for program in self.programs:
            resource = program.resources.get(name)
            if program is not by and resource is not None and resource.unfinished is not None:
                resource.unfinished.touched = True

    @property
    def _features(self) -> Features:
        return Features(kafka_version(self.workers[0].version))

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
        elif program.records and result.remains is not None:
            state = "RUNNING" if result.before is None else result.before[1]
            unfinished = Unfinished(state, declared.get("restart"), result.restarts_before, bool(result.concurrent))
            outputs = result.remains.outputs
            program.resources[name] = Resource(urn, declared, checked.inputs, outputs, result.error, unfinished)
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
        if not changes.any and not resource.problem:
            if conditions.in_sync:
                self._check_finished(resource, declared, snapshot(self.live.get(name)))
            return
        result = self._run(
            program,
            resource.urn,
            name,
            lambda operation: connectors.update(operation, resource.outputs, checked.inputs),
            conditions,
        )
        unwaited = declared.get("wait") is False
        local = changes.any and changes.local and (unwaited or _at_rest(resource.outputs))
        self._check_update(result, declared, resource, conditions, local=local)
        if name not in program.resources:
            return
        if not result.error:
            program.resources[name] = Resource(resource.urn, declared, checked.inputs, result.outcome.outputs)
        elif program.records and result.remains is not None:
            unfinished = resource.unfinished or Unfinished(
                self._released(result, resource), resource.declared.get("restart"), result.restarts_before
            )
            unfinished.touched |= bool(result.concurrent)
            if result.before is None:
                unfinished.restart = declared.get("restart")  # it was created again
            outputs = result.remains.outputs
            program.resources[name] = Resource(resource.urn, declared, checked.inputs, outputs, result.error, unfinished)

    def rename(self, number: int, name: str, *, adopt: Any, conditions: Conditions) -> None:
        """Rename the resource: a create under a new URN, then a delete of the old one; an interrupted run ends before it."""
        conditions = replace(conditions, interrupted=None)
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
        unfinished = None if resource is None else resource.unfinished
        found = result.outcome
        program.resources[name] = Resource(urn, declared, found.inputs, found.outputs, unfinished=unfinished)

    def destroy(self, number: int, name: str, conditions: Conditions, edits: Props | None = None) -> None:
        """Delete a connector, optionally with a state that was edited by hand."""
        program = self.programs[number]
        resource = program.resources.get(name)
        if resource is None:
            return
        props = {**resource.outputs, "timeouts": {"delete": conditions.seconds}, **(edits or {})}
        self._secret = "" if "config" in (edits or {}) else _config_of(resource.outputs).get(MASKED, "")
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
            if conditions.in_preview and not conditions.late
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
        before, warnings = self.live.get(name), operation.listener.warnings
        failed, restarts, offsets = self._has_failed(name), self._restarts(name), self._offsets(name)
        result = OperationResult(name, snapshot(before), None, "", None, warnings, failed, restarts)
        with self._under(program, result, conditions):
            try:
                result.outcome = call(operation)
            except OperationFailed as problem:
                result.error, result.remains = str(problem), problem.remains
        result.after = snapshot(self.live.get(name))
        if result.before != result.after:
            self._touch(name, by=program)
        if self._offsets(name) != offsets:
            self._set_offsets[name] = program
        if program.clock.cancelled:
            result.interrupted = True
            program.start(0)
        if result.violation is not None:
            raise result.violation
        require("a defect of" not in result.error, "every failure is handled", result)
        texts = [
            *visible_texts(result.outcome),
            *visible_texts(result.remains),
            result.error,
            *result.warnings,
            *operation.listener.progress_messages,
        ]
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
        known = {self._secret, *(_config_of(held.outputs).values() if held is not None else ())}
        configs = [entry["former"][0] for name, entry in self.live.items() if name == result.name and entry.get("former")]
        if self.workers[0].masks and held is not None:
            configs += [found[0] for found in (result.before, result.after, *result.concurrent) if found is not None]
        unknown = {config.get(key, "") for config in configs if config for key in (MASKED, "pin")} - known - {""}
        for value in unknown:
            text = text.replace(value, "")
        return text

    @contextlib.contextmanager
    def _under(self, program: Program, result: OperationResult, conditions: Conditions) -> Iterator[None]:
        running, changing = True, threading.RLock()

        def fail() -> None:
            for worker in (self.workers if conditions.everywhere else self.workers[:1]) if running else ():
                worker.faults = [self._fault(result.name, *fault) for fault in conditions.faults]

        def change() -> None:
            with changing:  # a background thread of the operation may be the one that sleeps
                if running:
                    self._change_concurrently(program, result, conditions.concurrent)

        def interrupt() -> None:
            if running:
                program.clock.cancel()

        if conditions.late:
            self.clock.call_later(0.05, fail)
        else:
            fail()
        if conditions.concurrent:
            self.clock.call_later(0.05, change)
        if conditions.interrupted is not None:
            self.clock.call_later(conditions.interrupted, interrupt)
        try:
            yield
        finally:
            with changing:
                running = False
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
            require(not undisturbed or not self._supports(declared), "a create without faults succeeds", result)
            self._check_failure(result, declared, conditions)
        elif not result.concurrent and self._in_sync(conditions):
            state = "RUNNING" if result.before is None else result.before[1]
            self._check_success(result, declared, declared.get("state", state).upper())
            self._check_offsets(result, declared)
        self._check_concurrent_change(result, config)

    def _check_update(
        self, result: OperationResult, declared: Props, resource: Resource, conditions: Conditions, *, local: bool
    ) -> None:
        config, state, unfinished = reveal(declared["config"]), declared.get("state"), resource.unfinished
        if result.error:
            going_on = unfinished is not None and not unfinished.touched
            undisturbed = self._undisturbed(conditions) and failing(config) is None
            undisturbed = undisturbed and (going_on or not result.failed_before)
            rule = "the next run goes on from a recorded failure" if going_on else "an update without faults succeeds"
            require(not undisturbed or not self._supports(declared), rule, result)
            self._check_failure(result, declared, conditions)
        elif local and unfinished is None:
            require(result.before == result.after, "a local change changes nothing", result)
        elif not local and not result.concurrent and self._in_sync(conditions):
            self._check_success(result, declared, self._released(result, resource) if state is None else state.upper())
            if declared.get("offsets") != resource.declared.get("offsets"):
                self._check_offsets(result, declared)
            runs = result.before is not None and result.after is not None and result.after[1] == "RUNNING"
            if runs and declared.get("restart") != resource.declared.get("restart"):
                require(self._restarts(result.name) > result.restarts_before, "a changed `restart` restarts it", result)
        if not result.error and not result.concurrent and self._in_sync(conditions):
            self._check_finished(resource, declared, result.after, created=result.before is None)
        self._check_concurrent_change(result, config)

    @staticmethod
    def _released(result: OperationResult, resource: Resource) -> str:
        """The state of a connector that declares none after an update."""
        former = resource.outputs.get("state")
        was = "RUNNING" if result.before is None else result.before[1]
        return "RUNNING" if former is not None and former.upper() == was else was

    def _check_success(self, result: OperationResult, declared: Props, state: str) -> None:
        config = reveal(declared["config"])
        require(result.after is not None, "after a success the connector exists", result)
        live, found = result.after or ({}, "")
        require(self._same(live, config), f"after a success the configuration is as declared: {config}", result)
        require(found == state, f"after a success the state is {state}", result)
        if declared.get("wait") is not False:
            states = self._task_states(result.name)
            require(states <= {state}, f"after a success every task is {state}, not {states}", result)

    def _check_offsets(self, result: OperationResult, declared: Props) -> None:
        if "offsets" in declared:
            found = self._offsets(result.name)
            require(found == declared["offsets"], f"after a success the offsets are as declared, not {found}", result)

    def _check_finished(self, resource: Resource, declared: Props, live: Snapshot, *, created: bool = False) -> None:
        """After a recorded failure, a success means that everything is as declared, also what that operation left out."""
        unfinished, name = resource.unfinished, declared["name"]
        if unfinished is None or unfinished.touched:
            return

        def check(condition: bool, rule: str) -> None:
            text = f"{rule}: {live}, declared: {declared}, recorded: {resource}, {unfinished}"
            require(condition, f"after a recorded failure, a success means that {text}")

        check(live is not None, "the connector exists")
        config, state = live or ({}, "")
        check(config == reveal(declared["config"]), "the configuration is as declared")
        if declared.get("state") is not None:
            check(state == declared["state"].upper(), "the state is as declared")
        else:
            check(state in (unfinished.state, "RUNNING"), "what ran before runs again")
        found, program = self._offsets(name), self._set_offsets.get(name)
        ours = program is None or program.resources.get(name) is resource
        check(not ours or declared.get("offsets") in (None, found), f"the offsets are as declared, not {found}")
        ran = unfinished.state == state == "RUNNING" and not created
        due = ran and declared.get("restart") != unfinished.restart
        check(not due or self._restarts(name) > unfinished.restarts, "a requested restart was done")

    def _check_failure(self, result: OperationResult, declared: Props, conditions: Conditions) -> None:
        """A failed operation must restore the previous connector, or its error must report why it could not."""
        if result.concurrent:
            return
        require(
            "by somebody else" not in result.error or not self._in_sync(conditions),
            "no change by others is reported without one",
            result,
        )
        if not self._in_sync(conditions):
            return
        kept = result.before is None if result.after is None else result.before is not None
        if result.after is not None and result.before is not None:
            kept = result.after[1] == result.before[1] and self._same(result.after[0], result.before[0])
        if kept:
            return
        named = re.search(rf"connector {result.name}\b|/connectors/{result.name}\b", result.error)
        require(named is not None, "an error that leaves something names the connector", result)
        recorded = result.remains is not None or NOT_UNDONE.search(result.error) is not None
        require(recorded, f"a failure restores the connector, or reports why not (declared: {declared})", result)

    def _check_concurrent_change(self, result: OperationResult, config: Props) -> None:
        """A concurrent change must be kept, unless it was so recent that an undo could not see it yet."""
        if not result.concurrent or (result.interrupted and any(worker.lag for worker in self.workers)):
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

    def _supports(self, declared: Props) -> bool:
        """Whether the workers have everything that this declaration needs."""
        features = self._features
        return (bool(features.stop) or declared.get("state") != "stopped") and (
            bool(features.alter_offsets) or "offsets" not in declared
        )

    def _restarts(self, name: str) -> int:
        """The number of requests so far to restart this connector."""
        lines = [request.line for worker in self.workers for request in worker.requests]
        return sum(line.startswith(f"POST /connectors/{name}/") for line in lines)

    def _offsets(self, name: str) -> list[dict[str, Any]]:
        return self.workers[0].group.offsets.get(name, [])

    def _has_failed(self, name: str) -> bool:
        return "FAILED" in self._task_states(name)

    def _task_states(self, name: str) -> set[str]:
        if name not in self.live:
            return set()
        return {task["state"] for task in self.workers[0]._status(self.live, name)["tasks"]}

    def _in_sync(self, conditions: Conditions) -> bool:
        """Whether all workers have read the previous changes."""
        return conditions.in_sync or not any(worker.lag for worker in self.workers)

    def _undisturbed(self, conditions: Conditions) -> bool:
        slow = any(worker.start_delay or worker.config_delay for worker in self.workers)
        return (
            not conditions.faults
            and not conditions.concurrent
            and conditions.interrupted is None
            and self._in_sync(conditions)
            and not slow
            and conditions.seconds > 20
        )


def _at_rest(outputs: Props) -> bool:
    """Whether a connector and its tasks were in states that can be declared."""
    return {outputs["status"], *(task["state"] for task in outputs["tasks"])} <= {"running", "paused", "stopped"}


def _config_of(outputs: Props) -> dict[str, str]:
    """The configuration in a state, if there is one."""
    return reveal(outputs.get("config")) or {}


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
