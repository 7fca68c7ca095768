"""When a connector counts as running what it was given, although no status can tell. Pure.

A status shows the old tasks as running until their worker stops them, and no generation or version is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pulumi_kafka_connectors.connect.models import ConnectorStatus
from pulumi_kafka_connectors.connect.states import State
from pulumi_kafka_connectors.core.health import Health, Observed, Verdict, evaluate
from pulumi_kafka_connectors.core.polling import FIRST_POLL, SETTLE
from pulumi_kafka_connectors.core.spec import differing_keys

SETTLE_SAME: Final = 2.0
"""Seconds from a change that need not show in the configurations of tasks."""
SETTLE_SHOWN: Final = 15.0
"""Seconds from a change that should show there, but does not."""

TaskConfigs = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class TasksBefore:
    """The task configurations before a change (empty: any are new), and whether it must show in them."""

    configs: TaskConfigs = field(default=(), repr=False)
    shown: bool = False


def tasks_before(found: Observed, new: Mapping[str, str]) -> TasksBefore:
    """What to compare tasks with after a change of the configuration.

    Most connectors hand their tasks what they were given: where the old value of a key arrived, the new one will.
    """
    keys = [key for key in differing_keys(found.config, new) if key in found.config]
    return TasksBefore(found.tasks, any(task.get(key) == found.config[key] for task in found.tasks for key in keys))


class Settling:
    """Judges one look after the other at a connector on its way to the wanted state.

    Args:
        wanted: RUNNING, PAUSED or STOPPED.
        now: when the wait begins.
        before: what there was before a change; None when nothing changed.
        max_tasks: tasks that it can have at most, where no status can be of an older connector of that name.
    """

    def __init__(self, wanted: State, now: float, before: TasksBefore | None = None, max_tasks: int | None = None) -> None:
        self._wanted, self._before, self._max_tasks, self._started = wanted, before, max_tasks, now
        # A connector without running tasks is itself started again by a change; nothing else of that shows.
        self._changed_at = None if wanted is State.RUNNING else now
        self._expected: int | None = None

    def needs_tasks(self, status: ConnectorStatus | None) -> bool:
        """Whether `judge` needs the configurations of the tasks, from a look made after that at this status."""
        there = self._is_there(evaluate(status, self._wanted, self._expected))
        if self._before is None:
            return there and self._wanted is State.RUNNING and len(status.tasks if status else ()) != self._max_tasks
        return self._changed_at is None and (there or self._only_old_tasks_failed(status))

    def judge(self, status: ConnectorStatus | None, tasks: TaskConfigs | None, now: float) -> Verdict:
        """What this look means.

        Args:
            status: None when there is none yet.
            tasks: configurations, where `needs_tasks` asked for them.
            now: when that look was over.
        """
        if self._before is None:
            return evaluate(status, self._wanted, None if tasks is None else len(tasks))
        if self._changed_at is None:
            verdict = evaluate(status, self._wanted)
            return verdict if tasks is None else self._until_changed(self._before, status, tasks, now)
        verdict = evaluate(status, self._wanted, self._expected)
        if not self._is_there(verdict):
            # What was old has been stopped: the new counts from when it is there.
            self._changed_at = now
            return verdict
        return verdict if now - self._changed_at >= SETTLE else self._not_yet(now)

    def _until_changed(self, before: TasksBefore, status: ConnectorStatus | None, tasks: TaskConfigs, now: float) -> Verdict:
        verdict = evaluate(status, self._wanted, len(tasks))
        if verdict.health is not Health.HEALTHY and not self._only_old_tasks_failed(status):
            return verdict
        if list(tasks) != list(before.configs):
            self._changed_at, self._expected = now, len(tasks)
        elif now - self._started >= (SETTLE_SHOWN if before.shown else SETTLE_SAME):
            return verdict
        return self._not_yet(now)

    def _only_old_tasks_failed(self, status: ConnectorStatus | None) -> bool:
        """Old tasks that failed stay so until they get the new configuration."""
        if status is None or self._before is None or not self._before.shown:
            return False
        failed = any(task.state is State.FAILED for task in status.tasks)
        return failed and status.connector.state is State.RUNNING

    def _not_yet(self, now: float) -> Verdict:
        poll_after = None
        if self._changed_at is not None:
            poll_after = min(max(self._changed_at + SETTLE - now, 0.0), FIRST_POLL)
        return Verdict(Health.WAITING, "it may still start with the new configuration", poll_after)

    @staticmethod
    def _is_there(verdict: Verdict) -> bool:
        return verdict.health in (Health.HEALTHY, Health.EMPTY)
