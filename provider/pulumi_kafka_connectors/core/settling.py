"""Decides when a connector counts as running its new configuration, which no status shows directly. Pure.

A status shows the old tasks as running until their worker stops them, and contains no generation or version. The task
configurations that the tasks' own worker returns are the proof: its herder thread replaces the tasks before it answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from pulumi_kafka_connectors.connect.models import ConnectorStatus
from pulumi_kafka_connectors.connect.states import State
from pulumi_kafka_connectors.core.health import Health, Observed, Verdict, evaluate
from pulumi_kafka_connectors.core.polling import FIRST_POLL
from pulumi_kafka_connectors.core.spec import differing_keys

SETTLE: Final = 0.35
"""Seconds that new tasks must run."""
SETTLE_ELSEWHERE: Final = 0.65
"""The same, where their configurations came from another worker than theirs, which stops the old ones up to 0.3 s later."""
SETTLE_SAME: Final = 2.0
"""Seconds after a change that may not be visible in the task configurations."""
SETTLE_SHOWN: Final = 15.0
"""Seconds after a change that should be visible there, but is not."""

_EAGER: Final = 1.0
"""Seconds after a change in which each poll asks for the new task configurations without longer pauses."""

TaskConfigs = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class TasksBefore:
    """The task configurations before a change (if empty, any are new), and whether the change must be visible in them."""

    configs: TaskConfigs = field(default=(), repr=False)
    shown: bool = False


@dataclass(frozen=True)
class TasksSeen:
    """The task configurations at one poll, and whether the workers that run the tasks have returned them."""

    configs: TaskConfigs = field(repr=False)
    at_work: bool = False


def workers_of(status: ConnectorStatus | None, urls: Sequence[str]) -> list[str]:
    """The addresses of the workers that run the tasks; empty when one of them is not among the configured ones."""
    known = {urlsplit(url).netloc.rpartition("@")[2].lower(): url for url in urls}
    running = dict.fromkeys(task.worker_id.lower() for task in (status.tasks if status else ()))
    return [known[worker] for worker in running] if running.keys() <= known.keys() else []


def tasks_before(found: Observed, new: Mapping[str, str]) -> TasksBefore:
    """The task configurations to compare with after a change of the configuration.

    Most connectors pass their configuration on to the tasks: where they got the old value of a key, they get the new one.
    """
    keys = [key for key in differing_keys(found.config, new) if key in found.config]
    return TasksBefore(found.tasks, any(task.get(key) == found.config[key] for task in found.tasks for key in keys))


class Settling:
    """Evaluates successive polls of a connector on its way to the wanted state.

    Args:
        wanted: RUNNING, PAUSED or STOPPED.
        now: when the wait starts.
        before: the tasks before a change; None when nothing changed.
        max_tasks: maximum number of tasks, if the status cannot belong to an older connector of that name.
    """

    def __init__(self, wanted: State, now: float, before: TasksBefore | None = None, max_tasks: int | None = None) -> None:
        self._wanted, self._before, self._max_tasks, self._started = wanted, before, max_tasks, now
        # A change restarts a connector without running tasks; nothing else about that is visible.
        self._changed_at = None if wanted is State.RUNNING else now
        self._at_work = False
        self._expected: int | None = None

    def needs_tasks(self, status: ConnectorStatus | None) -> bool:
        """Whether `judge` needs the task configurations, read after this status."""
        there = self._is_there(evaluate(status, self._wanted, self._expected))
        if self._before is None:
            return there and self._wanted is State.RUNNING and len(status.tasks if status else ()) != self._max_tasks
        return self._changed_at is None and (there or self._only_old_tasks_failed(status))

    def is_old(self, configs: TaskConfigs) -> bool:
        """Whether these are the task configurations from before the change."""
        return self._before is not None and list(configs) == list(self._before.configs)

    def judge(self, status: ConnectorStatus | None, tasks: TasksSeen | None, now: float) -> Verdict:
        """The verdict on one poll.

        Args:
            status: None if there is none yet.
            tasks: the task configurations, if `needs_tasks` requested them.
            now: when the poll finished.
        """
        if self._before is None:
            return evaluate(status, self._wanted, None if tasks is None else len(tasks.configs))
        if self._changed_at is None:
            verdict = evaluate(status, self._wanted)
            return verdict if tasks is None else self._until_changed(self._before, status, tasks, now)
        verdict = evaluate(status, self._wanted, self._expected)
        if not self._is_there(verdict):
            # The old tasks have stopped: count from when the new ones run.
            self._changed_at = now
            return verdict
        return verdict if now >= self._changed_at + self._settle else self._not_yet(now)

    def _until_changed(self, before: TasksBefore, status: ConnectorStatus | None, tasks: TasksSeen, now: float) -> Verdict:
        verdict = evaluate(status, self._wanted, len(tasks.configs))
        if verdict.health is not Health.HEALTHY and not self._only_old_tasks_failed(status):
            return verdict
        if not self.is_old(tasks.configs):
            self._changed_at, self._expected = now, len(tasks.configs)
            self._at_work = tasks.at_work
        elif now - self._started >= (SETTLE_SHOWN if before.shown else SETTLE_SAME):
            return verdict
        return self._not_yet(now)

    def _only_old_tasks_failed(self, status: ConnectorStatus | None) -> bool:
        """Old tasks that failed stay failed until they get the new configuration."""
        if status is None or self._before is None or not self._before.shown:
            return False
        failed = any(task.state is State.FAILED for task in status.tasks)
        return failed and status.connector.state is State.RUNNING

    @property
    def _settle(self) -> float:
        return SETTLE if self._at_work else SETTLE_ELSEWHERE

    def _not_yet(self, now: float) -> Verdict:
        if self._changed_at is None:
            poll_after = FIRST_POLL if now - self._started < _EAGER else None
        else:
            left = self._changed_at + self._settle - now
            poll_after = left if self._at_work else min(left, FIRST_POLL)
        return Verdict(Health.WAITING, "it may still start with the new configuration", poll_after)

    @staticmethod
    def _is_there(verdict: Verdict) -> bool:
        return verdict.health in (Health.HEALTHY, Health.EMPTY)
