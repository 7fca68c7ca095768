"""Runs a plan for one connector, and undoes what it did when a step fails."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from pulumi_kafka_connectors.connect import Client, errors
from pulumi_kafka_connectors.connect.models import ConnectorInfo, ConnectorStatus, PartitionOffset
from pulumi_kafka_connectors.connect.states import State
from pulumi_kafka_connectors.core import plan, traces
from pulumi_kafka_connectors.core.cluster import Cluster
from pulumi_kafka_connectors.core.creating import Creation
from pulumi_kafka_connectors.core.diff import live_differences
from pulumi_kafka_connectors.core.health import Health, Observed, Verdict
from pulumi_kafka_connectors.core.observing import current_status, observe, status_of
from pulumi_kafka_connectors.core.operation import Failure, Operation
from pulumi_kafka_connectors.core.polling import FIRST_POLL, SETTLE_RESTARTED, NotReady, Poll
from pulumi_kafka_connectors.core.redaction import is_mask
from pulumi_kafka_connectors.core.settling import SETTLE, SETTLE_SAME, Settling, TasksBefore, tasks_before
from pulumi_kafka_connectors.core.spec import ConnectorSpec, Offset, own_config

UNDO_SECONDS: Final = 60.0
"""Seconds that undoing may take, beyond the time of the operation."""
UNDO_PROBE_SECONDS: Final = 5.0
"""Seconds to look for a worker that can undo, where none was left a moment ago."""
TOLERANCE_SECONDS: Final = 5.0
"""Seconds for which odd answers (refused, limited, not Connect's) to a look do not end a wait."""


class _Unseen(Failure):
    """What became of the connector cannot be seen: nothing to undo."""


@dataclass
class Reconciliation:
    """Brings one connector to its declaration, step by step.

    Attributes:
        operation: whom to tell.
        cluster: where the connector is.
        spec: what is declared.
        seconds: how long it may take.
        found: the connector as it was before; None for none.
        before: its task configurations before the change, where a wait must see new ones.
        max_tasks: tasks that it can have at most, where no status can be of an older connector of that name.
        name_was_known: whether the status of a deleted connector of that name may still be shown.
        settle_restarted: seconds that must run what was restarted because it had failed.
        shown: the configuration that is taken over, with the masks that workers show: nobody knows what is behind them.
    """

    operation: Operation
    cluster: Cluster
    spec: ConnectorSpec
    seconds: float
    found: Observed | None = None
    before: TasksBefore | None = None
    max_tasks: int | None = None
    name_was_known: bool = False
    settle_restarted: float = SETTLE_RESTARTED
    shown: Mapping[str, str] = field(default_factory=dict, repr=False)
    _info: ConnectorInfo | None = field(default=None, init=False)
    _status: ConnectorStatus | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.deadline = self.cluster.clock.now() + self.seconds
        self.client: Client = self.cluster.client.until(self.deadline)
        self.name = self.spec.name

    # Running

    def run(self, steps: plan.Plan) -> Observed:
        """Take every step.

        Returns:
            The connector as it is then.

        Raises:
            Failure, errors.ConnectError: what failed, and what was undone.
        """
        done: list[plan.Step] = []
        try:
            for step in steps:
                done.append(step)
                self._take(step.action)
        except (Failure, errors.ConnectError) as problem:
            self._undo(self._in_time(problem), [step for step in done if _took_effect(step, problem, last=done[-1])])
        found = self.found or Observed(self.spec.config, None, "unknown")
        config, kind = (own_config(self._info.config), self._info.type) if self._info else (found.config, found.type)
        return Observed(config, self._status or status_of(self.client, self.name), kind)

    def _take(self, action: plan.Action) -> None:
        match action:
            case plan.Create(state):
                self._info = Creation(self.client, self.cluster.clock, self.deadline, self.spec).post(state)
            case plan.Delete():
                self.delete()
            case plan.PutConfig(config):
                self._put(config)
            case plan.SetState(state):
                self._set_state(state)
            case plan.ChangeOffsets(offsets):
                self.change_offsets([_partition_offset(entry) for entry in offsets])
            case plan.Restart():
                self._restart(only_failed=False)
                self.before = self.before or TasksBefore()
            case plan.AwaitState(state):
                self._status = self._await_state(state, restart_failed=self.found is not None)
            case plan.RestartStaleTasks(wait):
                self._restart_stale_tasks(wait=wait)

    def _in_time(self, problem: Failure | errors.ConnectError) -> Failure | errors.ConnectError:
        """The end of one's own time is "not ready", whatever it cut short."""
        late = self.cluster.clock.now() >= self.deadline
        if late and isinstance(problem, errors.Unreachable | errors.Busy | errors.Indeterminate):
            return Failure(f"connector {self.name} is not ready after {self.seconds:.0f} s: {problem}")
        return problem

    def _put(self, config: Mapping[str, str]) -> None:
        self._info, created = self.client.put_config(self.name, config)
        if created:
            self.operation.warn(f"{self.name} had been deleted meanwhile: it was created again")

    def _set_state(self, state: State) -> None:
        calls = {State.RUNNING: self.client.resume, State.PAUSED: self.client.pause, State.STOPPED: self.client.stop}
        calls[state](self.name)

    def _restart(self, *, only_failed: bool) -> None:
        try:
            self.client.restart(self.name, include_tasks=True, only_failed=only_failed)
        except errors.Unsupported:
            with contextlib.suppress(errors.WorkerFailed):  # its start failed again: the status tells why
                self.client.restart(self.name)
            for task in self.client.status(self.name).tasks:
                if not only_failed or task.state is State.FAILED:
                    self.client.restart_task(self.name, task.id)

    def _restart_stale_tasks(self, *, wait: bool) -> None:
        before = self.before.configs if self.before else ()
        if not before or [task.config for task in self.client.tasks(self.name)] != list(before):
            return
        self._restart(only_failed=False)
        if wait:
            self._status = self._await_state(State.RUNNING, restart_failed=False)

    def change_offsets(self, entries: Sequence[PartitionOffset]) -> None:
        """Set these offsets, or reset all when there are none, once the connector is stopped."""
        self._await_state(State.STOPPED, restart_failed=True)
        while True:
            try:
                reply = self.client.alter_offsets(self.name, entries) if entries else self.client.reset_offsets(self.name)
            except errors.NotStopped:
                # Its tasks have just ended; the leader may learn of it a moment later.
                if self.cluster.clock.now() > self.deadline:
                    raise
                self.cluster.clock.sleep(FIRST_POLL)
                continue
            if reply.manual:
                self.operation.warn(f"{self.name}: {reply.message}")
            return

    def delete(self) -> None:
        """Delete the connector and wait until it is gone.

        Raises:
            Failure: it is still there when time is up.
        """
        with contextlib.suppress(errors.NotFound):
            self.client.delete(self.name)

        def look() -> Verdict:
            status = status_of(self.client, self.name)
            if status is None:
                return Verdict(Health.HEALTHY)
            return Verdict(Health.WAITING, f"it was deleted, but is still {status.connector.state.word} on the cluster")

        self._decided(look, restart_failed=False)

    # Waiting

    def _await_state(self, state: State, *, restart_failed: bool) -> ConnectorStatus | None:
        """Wait until connector and tasks are in this state.

        Returns:
            The last status seen.

        Raises:
            Failure: what failed, or is not ready in time.
        """
        settling = Settling(state, self.cluster.clock.now(), self.before, self.max_tasks)
        look = _Look(self, settling)
        with self.cluster.waiting():
            verdict = self._decided(look, restart_failed=restart_failed, settle=self._settle(state))
        if verdict.health is Health.FAILED:
            raise Failure(f"connector {self.name}: {verdict.reason}")
        if verdict.health is Health.EMPTY:
            self.operation.warn(f"{self.name}: {verdict.reason}: it may have nothing to do yet")
        return look.status

    def _settle(self, state: State) -> float:
        """Seconds for which a running connector must be healthy without interruption."""
        if state is not State.RUNNING:
            return 0.0
        return max(self.spec.settle or 0.0, SETTLE_SAME if self.name_was_known else 0.0)

    def _decided(self, look: Callable[[], Verdict], *, restart_failed: bool, settle: float = 0.0) -> Verdict:
        restart = partial(self._restart, only_failed=True) if restart_failed else None
        poll = Poll(
            self.cluster.clock,
            self.deadline,
            restart,
            settle=settle,
            settle_restarted=self.settle_restarted if self.spec.settle is None else self.spec.settle,
            progress=lambda text: self.operation.progress(f"{self.name}: {text}"),
        )
        try:
            return poll.until_decided(look)
        except NotReady as problem:
            raise Failure(f"connector {self.name} is {problem}") from None

    # Undoing

    def _undo(self, problem: Failure | errors.ConnectError, done: list[plan.Step]) -> None:
        """Undo these steps (unless the user wants to look at what there is), and raise what failed with what was undone."""
        actions = list(plan.undo_of(done, self.found))
        if not actions or not self.spec.rollback or isinstance(problem, _Unseen):
            raise problem
        if self.found is not None and self.found.failed:
            told = f"{problem}; connector {self.name} had failed before: nothing was undone"
            raise Failure(told) from problem
        undo = Reconciliation(self.operation, self.cluster, self.spec, UNDO_SECONDS, self.found, settle_restarted=SETTLE)
        if isinstance(problem, errors.Unreachable):
            undo.client = undo.client.with_retry(UNDO_PROBE_SECONDS)
        try:
            outcome = undo.put_back(actions)
        except errors.Unreachable as second:
            told = f"{problem}; it could not be undone, the next run goes on from what it finds: {second}"
            raise (problem if isinstance(problem, errors.Unreachable) else Failure(told)) from None
        except (Failure, errors.ConnectError) as second:
            raise Failure(f"{problem}; undoing it failed too: {second}") from problem
        raise Failure(f"{problem}; {outcome}") from problem

    def put_back(self, actions: list[plan.Action]) -> str:
        """Take the steps of an undo, unless somebody else has changed the connector meanwhile.

        Returns:
            What became of the connector, in words.
        """
        live = observe(self.client, self.name)
        if live is None:
            # A worker that has not heard of the creation yet says so too: deleting it again does no harm.
            if actions != [plan.Delete()]:
                return f"connector {self.name} was deleted by somebody else meanwhile: it was left so"
        elif self._is_foreign(live):
            return f"connector {self.name} was changed by somebody else meanwhile: it was left as it is"
        config = next((action.config for action in actions if isinstance(action, plan.PutConfig)), None)
        masked = sorted(key for key, value in (config or {}).items() if is_mask(value))
        if masked:
            for action in actions:
                if isinstance(action, plan.SetState):
                    self._take(action)
            shown = ", ".join(masked)
            return f"connector {self.name} keeps its new configuration, since the workers mask what {shown} was before"
        if config is not None and live is not None:
            self.before = tasks_before(live, config)
        for action in actions:
            self._take(action)
        return f"connector {self.name} {self._outcome(actions)}"

    def _outcome(self, actions: list[plan.Action]) -> str:
        if plan.Delete() in actions:
            return "was deleted again"
        if any(isinstance(action, plan.PutConfig) for action in actions):
            return "has its old configuration back"
        return f"is {self.found.target.word if self.found else 'as it was'} again"

    def _is_foreign(self, live: Observed) -> bool:
        ours = [self.spec.config, *([self.found.config] if self.found is not None else [])]
        return all(live_differences(live.config, config) for config in ours)


class _Look:
    """One look after the other at a connector on its way; an odd answer is tolerated for some seconds."""

    def __init__(self, run: Reconciliation, settling: Settling) -> None:
        self._run, self._settling = run, settling
        self._odd_since: float | None = None
        self.status: ConnectorStatus | None = None

    def __call__(self) -> Verdict:
        run, clock = self._run, self._run.cluster.clock
        try:
            status = current_status(run.cluster, run.client, run.name, run.deadline)
            configs = [run.spec.config, run.shown, *([run.found.config] if run.found is not None else [])]
            self.status = status and traces.guarded(run.operation, status, *configs)
            tasks = None
            if self._settling.needs_tasks(self.status):
                tasks = [task.config for task in run.client.tasks(run.name)]
        except (errors.Refused, errors.BadAnswer) as problem:
            now = clock.now()
            self._odd_since = now if self._odd_since is None else self._odd_since
            if now - self._odd_since < TOLERANCE_SECONDS or now >= run.deadline:
                return Verdict(Health.WAITING, str(problem))
            told = f"connector {run.name} was left as it is, since nobody can see whether it is as declared: {problem}"
            raise _Unseen(told) from None
        self._odd_since = None
        return self._settling.judge(self.status, tasks, clock.now())


def _took_effect(step: plan.Step, problem: Exception, *, last: plan.Step) -> bool:
    """Whether a step may have changed something; the last one is the one that failed."""
    if step is not last:
        return True
    refused = isinstance(problem, errors.Refused) and problem.status < 500 and not isinstance(problem, errors.Indeterminate)
    # Whoever creates looks by himself what became of it; what is there in spite of an error may be somebody else's.
    return not refused and not isinstance(step.action, plan.Create)


def _partition_offset(entry: Offset) -> PartitionOffset:
    return PartitionOffset(partition=dict(entry.partition), offset=None if entry.offset is None else dict(entry.offset))
