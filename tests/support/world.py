"""Programs, other people and a group of workers that misbehaves, with an oracle of ownership after every operation.

Everything runs on one clock that only sleeping turns, so that a run repeats exactly. What other people or another program
do in the middle of an operation happens while that operation sleeps.
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
from tests.support.engine import PLANTED
from tests.support.names import faulty
from tests.support.operations import OperationOn
from tests.support.worker import FakeWorker, Fault, connect_error, fake_group

Props = dict[str, Any]
Shape = tuple[dict[str, str], str] | None
"""Configuration and state of a connector; None for none."""

NAMES = ("a", "b")
FAILING = "13"
"""The `rate` with which tasks fail."""
MASKED = "db.password"
SAYS = re.compile(
    r"could not be undone|undoing it failed too|keeps its new configuration|by somebody else meanwhile"
    r"|left as it is, since nobody can see"
)
"""How an error says that something was not undone."""

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
"""What a fault may hit: lines of requests."""
_HTML = b"<html><title>Sorry</title></html>"
FLAVOURS: dict[str, dict[str, Any]] = {
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
    "foreign 404": {"status": 404, "body": connect_error(404, "Subject 'a' not found.")},
}
"""What a fault does."""


class Violation(AssertionError):
    """The oracle found a defect."""


@dataclass(frozen=True)
class Trouble:
    """What goes wrong with one operation.

    Attributes:
        faults: what is hit, how, and how often on each worker.
        everywhere: whether every worker has these faults, or only the first.
        in_preview: whether they are there during the preview already.
        meanwhile: what others do in the middle of the operation: "change", "spoil" (with a configuration that
            fails), "pause", "delete", or "adopt" for the other program; empty for nothing.
        rested: whether time passes before the operation, so that every worker knows what was done before.
        seconds: how long the operation may take.
    """

    faults: tuple[tuple[str, str, int], ...] = ()
    everywhere: bool = False
    in_preview: bool = False
    meanwhile: str = ""
    rested: bool = True
    seconds: int = 30


CALM = Trouble()


@dataclass
class Resource:
    """What the state of a program holds of one connector, and what the program declares."""

    urn: str
    declared: Props
    inputs: Props
    outputs: Props


@dataclass
class Ran:
    """How an operation went."""

    name: str
    before: Shape
    after: Shape
    error: str
    outcome: Any
    warnings: list[str]
    failed_before: bool
    meanwhile: list[Shape] = field(default_factory=list)
    violation: Violation | None = None


class Program:
    """One program with its state; every run of it has a cluster object of its own."""

    def __init__(self, number: int, urls: list[str], clock: FakeClock) -> None:
        self.number = number
        self.resources: dict[str, Resource] = {}
        self.cluster: Cluster
        self._urls, self._clock, self._count = urls, clock, 0
        self.start(0)

    def start(self, first: int) -> None:
        """Begin another run, which asks this worker first."""
        if self._count:
            self.cluster.close()
        urls = [*self._urls[first:], *self._urls[:first]]
        self.access = Access({"url": urls, "timeout": 5, "retry": 3}, {})
        self.cluster = Cluster(self.access.settings(), self._clock)
        self._count += 1

    def urn(self, name: str) -> str:
        """A new one."""
        self._count += 1
        return f"urn:pulumi:s::p{self.number}::C::{name}{self._count}"

    def operation(self, urn: str) -> OperationOn:
        made = OperationOn(self.access, self.cluster)
        made.owner = urn
        return made


def failing(config: Mapping[str, str]) -> str | None:
    """The trace of a task with this configuration, which tells its secrets."""
    if config.get("rate") != FAILING:
        return None
    return f"java.lang.Boom: no login with {config.get(MASKED)}\nCaused by: java.lang.Deep: nor with {config.get('pin')}"


class World:
    """See the module.

    Attributes:
        live: the connectors as they really are.
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

    # What others do

    def others(self, deed: str, name: str, config: Mapping[str, str]) -> None:
        """Somebody else creates, changes, breaks, pauses, stops, resumes or deletes a connector by hand."""
        entry = self.live.get(name)
        if deed == "delete":
            self.live.pop(name, None)
        elif deed == "create" and entry is None:
            self.live[name] = {"config": {**config, "name": name}, "state": "RUNNING"}
        elif entry is not None and deed in ("pause", "stop", "resume"):
            entry["state"] = {"pause": "PAUSED", "stop": "STOPPED", "resume": "RUNNING"}[deed]
        elif entry is not None and deed == "change":
            entry["config"] = {**config, "name": name}
        elif entry is not None and deed == "break":
            entry["broken"] = f"java.lang.Broken: by {entry['config'].get(MASKED)}"

    def elsewhere(self, number: int, name: str) -> None:
        """The addresses belong to another Kafka cluster for a while: what is there is none of the program's business."""
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
            ran = self._run(program, resource.urn, name, call, CALM)
            require("belongs to the Kafka cluster other" in ran.error, "another cluster is refused", ran)
            require(ran.before == ran.after, "what is on another cluster is left alone", ran)
        self.all_workers(kafka_cluster_id="k")
        program.start(0)

    # What programs do

    def _resource(self, number: int, name: str) -> Resource | None:
        """What the program has of this name; it is declared first if need be, so that most steps have something to do."""
        resources = self.programs[number].resources
        if name not in resources:
            self.create(number, {"name": name, "config": {**faulty(), MASKED: "hunter2-1"}, "adopt": True}, CALM)
        return resources.get(name)

    def create(self, number: int, declared: Props, trouble: Trouble, urn: str = "") -> bool:
        """Declare a connector that the program does not have yet, or under another URN."""
        program, name = self.programs[number], declared["name"]
        urn = urn or program.urn(name)
        self._secret = reveal(declared["config"]).get(MASKED, "")
        checked = self._check(program, urn, {}, self._timed(declared, trouble), trouble)
        if any(problem.key != "name" for problem in checked.problems):
            return False  # a name that is taken may have been free at the time of the preview
        ran = self._run(program, urn, name, lambda operation: connectors.create(operation, checked.inputs), trouble)
        self._judge_create(ran, declared, trouble)
        if not ran.error:
            program.resources[name] = Resource(urn, declared, checked.inputs, ran.outcome.outputs)
        return not ran.error

    def change(self, number: int, name: str, change: Props, trouble: Trouble) -> None:
        """Declare something else for a connector that the program has."""
        program, resource = self.programs[number], self._resource(number, name)
        if resource is None:
            return
        declared = {key: value for key, value in {**resource.declared, **change}.items() if value is not None}
        self._secret = reveal(declared["config"]).get(MASKED, "")
        checked = self._check(program, resource.urn, resource.inputs, self._timed(declared, trouble), trouble)
        if checked.problems:
            return
        changes = connectors.compare(program.operation(resource.urn), resource.outputs, checked.inputs)
        require(not changes.replaces, f"nothing is replaced, but {changes}")
        if not changes.any:
            return
        ran = self._run(
            program,
            resource.urn,
            name,
            lambda operation: connectors.update(operation, resource.outputs, checked.inputs),
            trouble,
        )
        local = changes.local
        self._judge_update(ran, declared, resource, trouble, local=local)
        if not ran.error and name in program.resources:
            program.resources[name] = Resource(resource.urn, declared, checked.inputs, ran.outcome.outputs)

    def rename(self, number: int, name: str, *, adopt: Any, trouble: Trouble) -> None:
        """The resource gets another name: a create under a new URN, then the delete of the old one."""
        program, old = self.programs[number], self._resource(number, name)
        if old is None or not self.create(number, {**old.declared, "adopt": adopt}, trouble):
            return
        new = program.resources[name]
        ran = self._run(program, old.urn, name, lambda operation: connectors.delete(operation, name, old.outputs), CALM)
        require(not ran.error, "the delete of the old URN succeeds", ran)
        require(ran.before == ran.after, "what was renamed stays", ran)
        told = f"connector {name} is now managed by {new.urn}, which created or took it over in this run: it stays"
        require(ran.warnings == [told], "the user is told that it stays", ran)

    def forget(self, number: int, name: str) -> None:
        """Drop a connector from the state, which is a run of its own."""
        self.programs[number].resources.pop(name, None)
        self.programs[number].start(0)

    def refresh(self, number: int, name: str, trouble: Trouble) -> None:
        """Read what the state holds; the first time, import it."""
        program = self.programs[number]
        resource = program.resources.get(name)
        if resource is None and name not in self.live:
            return
        if resource is None:
            program.start(0)
        urn = program.urn(name) if resource is None else resource.urn
        self._secret = "" if resource is None else reveal(resource.declared["config"]).get(MASKED, "")
        props = {} if resource is None else resource.outputs
        ran = self._run(program, urn, name, lambda operation: connectors.read(operation, name, props), trouble)
        require(ran.before == ran.after or bool(ran.meanwhile), "a refresh changes nothing", ran)
        if ran.error:
            require(not self._calm(trouble), "a refresh without trouble succeeds", ran)
            return
        if not ran.outcome.id:
            require(ran.after is None or not self._knows(trouble), "only what is gone is dropped from the state", ran)
            program.resources.pop(name, None)
            return
        shown = reveal(ran.outcome.outputs["config"])
        if self._knows(trouble) and not ran.meanwhile:
            require(ran.after is not None and self._same(shown, ran.after[0]), "a refresh shows what is there", ran)
        declared = {"name": name, "config": ran.outcome.outputs["config"]} if resource is None else resource.declared
        program.resources[name] = Resource(urn, declared, ran.outcome.inputs, ran.outcome.outputs)

    def destroy(self, number: int, name: str, trouble: Trouble, edits: Props | None = None) -> None:
        """Delete a connector, perhaps with a state that was edited by hand."""
        program = self.programs[number]
        resource = program.resources.get(name)
        if resource is None:
            return
        props = {**resource.outputs, "timeouts": {"delete": trouble.seconds}, **(edits or {})}
        self._secret = "" if "config" in (edits or {}) else reveal(resource.outputs["config"]).get(MASKED, "")
        owner = program.cluster.owners.get(name, resource.urn)
        require(owner == resource.urn, "a resource that created or took over a connector is its owner")
        ran = self._run(program, resource.urn, name, lambda operation: connectors.delete(operation, name, props), trouble)
        if ran.error:
            require(not self._calm(trouble), "a delete without trouble succeeds", ran)
            return
        require(ran.after is None or bool(ran.meanwhile), "what is reported as deleted is gone", ran)
        del program.resources[name]

    # Running

    def _check(self, program: Program, urn: str, olds: Props, news: Props, trouble: Trouble) -> Checked:
        if trouble.rested:
            self.clock.advance(30)
        preview = Trouble(trouble.faults, trouble.everywhere, rested=False) if trouble.in_preview else Trouble(rested=False)
        ran = self._run(program, urn, news["name"], lambda operation: connectors.check(operation, olds, news), preview)
        require(ran.before == ran.after, "a preview changes nothing", ran)
        require(not ran.error, "a preview tells problems", ran)
        checked: Checked = ran.outcome
        return checked

    def _run(self, program: Program, urn: str, name: str, call: Callable[[OperationOn], Any], trouble: Trouble) -> Ran:
        if trouble.rested:
            self.clock.advance(30)
        operation, others = program.operation(urn), {key: shape(entry) for key, entry in self.live.items() if key != name}
        before = self.live.get(name)
        ran = Ran(name, shape(before), None, "", None, operation.heard.warnings, self._has_failed(name))
        with self._in_trouble(program, ran, trouble):
            try:
                ran.outcome = call(operation)
            except OperationFailed as problem:
                ran.error = str(problem)
        ran.after = shape(self.live.get(name))
        if ran.violation is not None:
            raise ran.violation
        require("a defect of" not in ran.error, "every failure is foreseen", ran)
        texts = [*told(ran.outcome), ran.error, *ran.warnings, *operation.heard.waits]
        secrets = [text for text in texts if re.search(PLANTED, self._without_unknowable(program, ran, text))]
        require(not secrets, f"no secret is told, but: {secrets}", ran)
        now = {key: shape(entry) for key, entry in self.live.items() if key != name}
        require(now == others, "no other connector is touched", ran)
        masks = [entry for entry in self.live.values() if any(map(is_mask, entry["config"].values()))]
        require(not masks, "no mask is ever written", ran)
        return ran

    def _without_unknowable(self, program: Program, ran: Ran, text: str) -> str:
        """A text without passwords that nobody can know: of tasks that still have an older configuration than the one that
        is shown, and one that somebody else set behind a mask.
        """
        held = program.resources.get(ran.name)
        known = {self._secret, *(reveal(held.outputs["config"]).values() if held is not None else ())}
        configs = [entry["former"][0] for name, entry in self.live.items() if name == ran.name and entry.get("former")]
        if self.workers[0].masks and held is not None:
            configs += [found[0] for found in (ran.before, ran.after, *ran.meanwhile) if found is not None]
        unknown = {config.get(key, "") for config in configs if config for key in (MASKED, "pin")} - known - {""}
        for value in unknown:
            text = text.replace(value, "")
        return text

    @contextlib.contextmanager
    def _in_trouble(self, program: Program, ran: Ran, trouble: Trouble) -> Iterator[None]:
        for worker in self.workers if trouble.everywhere else self.workers[:1]:
            worker.faults = [self._fault(ran.name, *fault) for fault in trouble.faults]
        waiting = bool(trouble.meanwhile)

        def meanwhile() -> None:
            nonlocal waiting
            if waiting:
                waiting = False
                self._meanwhile(program, ran, trouble.meanwhile)

        if waiting:
            self.clock.later(0.05, meanwhile)
        try:
            yield
        finally:
            waiting = False
            self.all_workers(faults=[])

    def _meanwhile(self, program: Program, ran: Ran, deed: str) -> None:
        """Others, or the other program, come in between."""
        config = {"connector.class": "testing.FaultySource", "rate": "7", MASKED: "hunter2-meanwhile"}
        if deed == "spoil":
            self.others("change", ran.name, faulty(rate=FAILING))
        elif deed != "adopt":
            self.others(deed, ran.name, config)
        else:
            other = 1 - program.number
            self.programs[other].resources.pop(ran.name, None)
            try:
                self.create(other, {"name": ran.name, "config": config, "adopt": True}, Trouble(rested=False))
            except Violation as violation:
                ran.violation = violation  # raised here it would count as a defect of the operation around it
        ran.meanwhile.append(shape(self.live.get(ran.name)))

    def _fault(self, name: str, target: str, flavour: str, times: int) -> Fault:
        given = copy.deepcopy(FLAVOURS[flavour])
        if isinstance(given.get("body"), dict):
            given["body"]["message"] = given["body"]["message"].replace("SECRET", self._secret)
        return Fault(TARGETS[target].format(name=name), times=times, **given)

    @staticmethod
    def _timed(declared: Props, trouble: Trouble) -> Props:
        return {**declared, "timeouts": {"create": trouble.seconds, "update": trouble.seconds}}

    # Judging

    def _judge_create(self, ran: Ran, declared: Props, trouble: Trouble) -> None:
        config, adopt = reveal(declared["config"]), declared.get("adopt", False)
        allowed = ran.before is None or adopt is True or (adopt == "same" and self._same(ran.before[0], config))
        if not allowed:
            require(bool(ran.error) or not self._knows(trouble), "what others own is not taken over", ran)
            require(ran.before == ran.after or bool(ran.meanwhile), "what others own is left alone", ran)
        elif ran.error:
            calm = self._calm(trouble) and failing(config) is None and not ran.failed_before
            require(not calm, "a create without trouble succeeds", ran)
            self._judge_failure(ran, config, trouble)
        elif not ran.meanwhile and self._knows(trouble):
            state = "RUNNING" if ran.before is None else ran.before[1]
            self._judge_success(ran, config, declared.get("state", state).upper())
        self._judge_meanwhile(ran, config)

    def _judge_update(self, ran: Ran, declared: Props, resource: Resource, trouble: Trouble, *, local: bool) -> None:
        config, state = reveal(declared["config"]), declared.get("state")
        if ran.error:
            calm = self._calm(trouble) and failing(config) is None and not ran.failed_before
            require(not calm or "offsets" in declared, "an update without trouble succeeds", ran)
            self._judge_failure(ran, config, trouble)
        elif local:
            require(ran.before == ran.after, "a local change changes nothing", ran)
        elif not ran.meanwhile and self._knows(trouble):
            former = resource.outputs.get("state")
            was = "RUNNING" if ran.before is None else ran.before[1]
            released = "RUNNING" if former is not None and former.upper() == was else was
            self._judge_success(ran, config, released if state is None else state.upper())
        self._judge_meanwhile(ran, config)

    def _judge_success(self, ran: Ran, config: Props, state: str) -> None:
        require(ran.after is not None, "what is reported as done is there", ran)
        live, found = ran.after or ({}, "")
        require(self._same(live, config), f"success is as declared: {config}", ran)
        require(found == state, f"success is {state}", ran)
        require(state == "STOPPED" or not self._has_failed(ran.name), "success is no failed task", ran)

    def _judge_failure(self, ran: Ran, config: Props, trouble: Trouble) -> None:
        """What a failure leaves behind is what there was, or the error says why not."""
        if ran.meanwhile:
            return
        require("by somebody else" not in ran.error or not self._knows(trouble), "nobody else is blamed", ran)
        if SAYS.search(ran.error) or ran.failed_before or not self._knows(trouble):
            return
        kept = ran.before is None if ran.after is None else ran.before is not None
        if ran.after is not None and ran.before is not None:
            kept = ran.after[1] == ran.before[1] and self._same(ran.after[0], ran.before[0])
        require(kept, f"a failure leaves what there was, or says why not (declared: {config})", ran)

    def _judge_meanwhile(self, ran: Ran, config: Props) -> None:
        """What others did in the middle of an operation stays."""
        if not ran.meanwhile:
            return
        theirs = ran.meanwhile[-1]
        if theirs is None:
            require(ran.after is None, "what others deleted stays deleted", ran)
        elif not any(self._same(theirs[0], ours) for ours in (config, *([ran.before[0]] if ran.before else []))):
            require(ran.after is not None and ran.after[0] == theirs[0], "what others changed stays as they changed it", ran)

    def _same(self, one: Mapping[str, str], other: Mapping[str, str]) -> bool:
        """Whether two configurations are equal, as far as workers show it."""
        hidden = self.workers[0].masks | {"name"}
        shown = [{key: value for key, value in config.items() if key not in hidden} for config in (one, other)]
        return shown[0] == shown[1]

    def _has_failed(self, name: str) -> bool:
        if name not in self.live:
            return False
        return any(task["state"] == "FAILED" for task in self.workers[0]._status(self.live, name)["tasks"])

    def _knows(self, trouble: Trouble) -> bool:
        """Whether every worker knows what was done before."""
        return trouble.rested or not any(worker.lag for worker in self.workers)

    def _calm(self, trouble: Trouble) -> bool:
        slow = any(worker.starts or worker.lags for worker in self.workers)
        return not trouble.faults and not trouble.meanwhile and self._knows(trouble) and not slow and trouble.seconds > 20


def shape(entry: Mapping[str, Any] | None) -> Shape:
    """What counts of an entry of the workers."""
    if entry is None:
        return None
    return {key: value for key, value in entry["config"].items() if key != "name"}, entry["state"]


def told(value: Any) -> Iterator[str]:
    """Every text of an outcome that is not marked as secret."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from (*told(key), *told(inner))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from told(inner)
    elif isinstance(value, Outcome):
        yield from (*told(value.outputs), *told(value.inputs))
    elif isinstance(value, Checked):
        yield from (*told(value.inputs), *(problem.text for problem in value.problems))
    else:
        assert isinstance(value, Secret | int | float | None), value


def require(true: bool, what: str, ran: Ran | None = None) -> None:
    """Report a violation.

    Raises:
        Violation: it is not true.
    """
    if not true:
        raise Violation(f"{what}: {ran}" if ran is not None else what)
