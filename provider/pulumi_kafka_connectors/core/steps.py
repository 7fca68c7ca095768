"""Executes single actions on one connector: calls to the workers, and the waits that follow them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from pulumi_kafka_connectors.connect import Client, errors
from pulumi_kafka_connectors.connect.models import ConnectorInfo, ConnectorStatus, PartitionOffset
from pulumi_kafka_connectors.connect.states import State
from pulumi_kafka_connectors.core import plan, traces
from pulumi_kafka_connectors.core.cluster import Cluster
from pulumi_kafka_connectors.core.creating import LOOK_AFTER_ANSWER, Creation
from pulumi_kafka_connectors.core.health import Health, Observed, Verdict
from pulumi_kafka_connectors.core.observing import current_status, status_of
from pulumi_kafka_connectors.core.operation import Failure, Incomplete, Operation
from pulumi_kafka_connectors.core.polling import FIRST_POLL, SETTLE_RESTARTED, NotReady, Poll
from pulumi_kafka_connectors.core.settling import SETTLE_SAME, Settling, TasksBefore, TasksSeen, workers_of
from pulumi_kafka_connectors.core.spec import ConnectorSpec, Offset, own_config
from pulumi_kafka_connectors.core.tolerance import INCONCLUSIVE, Tolerance


class Unseen(Incomplete):
    """What became of the connector cannot be seen: nothing to undo."""


@dataclass
class Execution:
    """Executes actions on one connector.

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
        info: what the last PUT or POST returned.
        status: the last status that a wait has seen.
        left_in: the state that the connector was last brought to; after a request that failed, the one that does not run.
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
    info: ConnectorInfo | None = field(default=None, init=False)
    status: ConnectorStatus | None = field(default=None, init=False)
    left_in: State = field(default=State.RUNNING, init=False)

    def __post_init__(self) -> None:
        self.deadline = self.cluster.clock.now() + self.seconds
        self.client: Client = self.cluster.client.until(self.deadline)
        self.name = self.spec.name

    # Calls

    def take(self, action: plan.Action) -> None:
        """Execute one action.

        Raises:
            Failure, errors.ConnectError: what failed.
        """
        match action:
            case plan.Create(state):
                self.info = Creation(self.client, self.cluster.clock, self.deadline, self.spec).post(state)
                self.left_in = state
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
                self.status = self._await_state(state, restart_failed=self.found is not None)
            case plan.RestartStaleTasks(wait):
                self._restart_stale_tasks(wait=wait)

    def _put(self, config: Mapping[str, str]) -> None:
        self.info, created = self.client.put_config(self.name, config)
        if created:
            self.operation.warn(f"{self.name} had been deleted meanwhile: it was created again")

    def _set_state(self, state: State) -> None:
        calls = {State.RUNNING: self.client.resume, State.PAUSED: self.client.pause, State.STOPPED: self.client.stop}
        if self.left_in is State.RUNNING:
            self.left_in = state
        calls[state](self.name)
        self.left_in = state

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
            self.status = self._await_state(State.RUNNING, restart_failed=False)

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
            errors.ConnectError: the workers refused to delete it.
        """
        refusal: errors.ConnectError | None = None
        with contextlib.suppress(errors.NotFound):
            try:
                self.client.delete(self.name)
            except (errors.WorkerFailed, errors.BadAnswer) as problem:
                refusal = problem  # it may be gone all the same
        clock = self.cluster.clock
        asked_at, tolerance = clock.now(), Tolerance(clock, self.deadline)

        def look() -> Verdict:
            try:
                remaining = self._state_after_delete(refused=refusal is not None)
            except INCONCLUSIVE as problem:
                if not tolerance.covers_one_more():
                    raise
                return Verdict(Health.WAITING, str(problem))
            tolerance.end()
            if remaining is None:
                return Verdict(Health.HEALTHY)
            if refusal is not None and clock.now() - asked_at >= LOOK_AFTER_ANSWER:
                raise refusal
            return Verdict(Health.WAITING, f"it was deleted, but is still {remaining} on the cluster")

        self._decided(look, restart_failed=False)

    def _state_after_delete(self, *, refused: bool) -> str | None:
        """The state that a connector is still in; None if it is gone.

        After a refusal, a connector without a status may only be one that was created a moment ago.
        """
        try:
            status = status_of(self.client, self.name)
            if status is None and refused:
                self.client.connector(self.name)
                return State.UNASSIGNED.word
        except errors.NotFound:
            return None
        return None if status is None else status.connector.state.word

    def result(self) -> Observed:
        """The connector as it is after the last action."""
        found = self.found or Observed(self.spec.config, None, "unknown")
        config, kind = (own_config(self.info.config), self.info.type) if self.info else (found.config, found.type)
        return Observed(config, self.status or status_of(self.client, self.name), kind)

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
            progress=self.operation.progress,
        )
        try:
            return poll.until_decided(look)
        except NotReady as problem:
            raise Failure(f"connector {self.name} is {problem}") from None


class _Look:
    """One look after the other at a connector on its way; an odd answer is tolerated for some seconds."""

    def __init__(self, run: Execution, settling: Settling) -> None:
        self._run, self._settling = run, settling
        self._tolerance = Tolerance(run.cluster.clock, run.deadline)
        self.status: ConnectorStatus | None = None

    def __call__(self) -> Verdict:
        run, clock = self._run, self._run.cluster.clock
        try:
            status = current_status(run.cluster, run.client, run.name, run.deadline)
            configs = [run.spec.config, run.shown, *([run.found.config] if run.found is not None else [])]
            self.status = status and traces.guarded(run.operation, status, *configs)
            tasks = None
            if self._settling.needs_tasks(self.status):
                tasks = self._tasks()
        except INCONCLUSIVE as problem:
            if self._tolerance.covers_one_more():
                return Verdict(Health.WAITING, str(problem))
            text = f"connector {run.name} was left as it is, since nobody can see whether it is as declared: {problem}"
            raise Unseen(text) from None
        self._tolerance.end()
        return self._settling.judge(self.status, tasks, clock.now())

    def _tasks(self) -> TasksSeen:
        """The task configurations as the workers of the tasks return them, those before the change if any still does."""
        client, name = self._run.client, self._run.name
        seen = TasksSeen(())
        with contextlib.suppress(errors.Unreachable, errors.Refused):
            for url in workers_of(self.status, client.settings.urls):
                found = client.with_retry(0.0).tasks(name, worker=url)
                seen = TasksSeen([task.config for task in found], at_work=True)
                if self._settling.is_old(seen.configs):
                    return seen
            if seen.at_work:
                return seen
        return TasksSeen([task.config for task in client.tasks(name)])


def _partition_offset(entry: Offset) -> PartitionOffset:
    return PartitionOffset(partition=dict(entry.partition), offset=None if entry.offset is None else dict(entry.offset))
