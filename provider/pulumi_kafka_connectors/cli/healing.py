"""Restarts connectors in rounds until they run."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from pulumi_kafka_connectors.cli import recovery, report
from pulumi_kafka_connectors.cli.recovery import Outcome, Recovery, Result
from pulumi_kafka_connectors.cli.report import Shown
from pulumi_kafka_connectors.connect import (
    BadAnswer,
    Client,
    NotFound,
    OutcomeUnknown,
    Refused,
    Unsupported,
    WorkerFailed,
)
from pulumi_kafka_connectors.core.operation import Operation

_EVERY: Final = 1.0


@dataclass(frozen=True)
class Wanted:
    """What to restart.

    Attributes:
        names: of connectors; empty for all.
        only_failed: only connector instances and tasks that failed; else whole connectors, and in later rounds what failed.
        rounds: how often a connector is restarted at most.
        deadline: time on the clock at which the last wait ends.
    """

    names: Sequence[str]
    only_failed: bool
    rounds: int
    deadline: float


class Healing:
    """Restarts what is wanted, waits for it, and restarts again what failed again.

    Args:
        operation: how to reach the cluster.
        wanted: what to restart.
        tell: called with each sentence of the report while it goes on.
    """

    def __init__(self, operation: Operation, wanted: Wanted, tell: Callable[[str], None]) -> None:
        self._operation, self._wanted, self._tell = operation, wanted, tell
        self._client, self._clock = operation.cluster.client, operation.cluster.clock
        self.results: dict[str, Result] = {}

    def look(self) -> list[str]:
        """Look at the connectors for the first time.

        Returns:
            The names of those to restart.
        """
        self.results = {one.name: recovery.first_result(one) for one in report.look(self._operation, self._wanted.names)}
        wanted = (Outcome.FAILED,) if self._wanted.only_failed else (Outcome.FAILED, Outcome.RUNNING, Outcome.WAITING)
        return [name for name, result in self.results.items() if result.outcome in wanted]

    def run(self, names: Sequence[str]) -> None:
        """Restart these connectors until they run, or the rounds or the time are used up.

        Raises:
            ConnectError: no worker answers.
        """
        left, pauses = list(names), recovery.pauses()
        for number in range(1, self._wanted.rounds + 1):
            for name in left:
                self._restart(name, number)
            self._wait(left)
            left = [name for name in left if self.results[name].outcome is Outcome.FAILED]
            pause = next(pauses)
            if not left or number == self._wanted.rounds or self._clock.now() + pause >= self._wanted.deadline:
                return
            self._clock.sleep(pause)
            left = self._still_failed(left)

    def _still_failed(self, names: Sequence[str]) -> list[str]:
        """Those that have not recovered, or been paused or deleted, during the pause."""
        for one in report.look(self._operation, names):
            outcome = recovery.first_result(one).outcome
            if outcome is not Outcome.FAILED:
                self._conclude(one, outcome)
        return [name for name in names if self.results[name].outcome is Outcome.FAILED]

    def _restart(self, name: str, number: int) -> None:
        result = self.results[name]
        why = f"{'; '.join(result.failures)}: " if result.failures and number == 1 else ""
        count = f" ({number} of {self._wanted.rounds})" if self._wanted.rounds > 1 else ""
        self._tell(f"{result.shown.label}: {why}restarting{count}")
        result.restarts += 1
        try:
            restart(self._client, result.shown, only_failed=self._wanted.only_failed or number > 1)
        except (Refused, BadAnswer, OutcomeUnknown) as problem:
            if not isinstance(problem, NotFound):  # otherwise the next look tells that it is gone
                self._tell(f"{result.shown.label}: {self._operation.format_error(problem)}")

    def _wait(self, names: Sequence[str]) -> None:
        """Look at what was restarted until each is decided, or the time is up."""
        now = self._clock.now()
        waiting = {name: Recovery(now) for name in names}
        end = min(now + recovery.ROUND_SECONDS, self._wanted.deadline)
        while waiting:
            shown = {one.name: one for one in report.look(self._operation, list(waiting))}
            now = self._clock.now()
            late = now + _EVERY > end
            for name, judge in list(waiting.items()):
                outcome = judge.see(now, shown[name])
                if outcome is not Outcome.WAITING or late:
                    self._conclude(shown[name], outcome)
                    del waiting[name]
            if waiting:
                self._clock.sleep(_EVERY)

    def _conclude(self, shown: Shown, outcome: Outcome) -> None:
        result = self.results[shown.name]
        result.shown = shown
        result.outcome = Outcome.FAILED if outcome is Outcome.WAITING and shown.failures else outcome
        self._tell(sentence(result))


def sentence(result: Result) -> str:
    """What became of a connector, in words. Pure."""
    words = {
        Outcome.RUNNING: "running",
        Outcome.FAILED: "failed again" if result.restarts else "failed",
        Outcome.WAITING: "not running yet",
        Outcome.HELD: "left alone",
        Outcome.MISSING: "not found",
    }
    return f"{result.shown.label}: {words[result.outcome]}{f': {result.reason}' if result.reason else ''}"


def restart(client: Client, shown: Shown, *, only_failed: bool) -> None:
    """Restart a connector: `POST /connectors/{name}/restart?includeTasks=true`; before Kafka 3.0 task by task.

    Args:
        client: for the cluster.
        shown: the connector as it was last seen.
        only_failed: only the connector instance and those tasks that failed.

    Raises:
        ConnectError: the request failed; `NotFound` if there is no such connector.
    """
    try:
        client.restart(shown.name, include_tasks=True, only_failed=only_failed)
    except Unsupported:
        for part in shown.parts:
            if part.failed or not only_failed:
                with contextlib.suppress(WorkerFailed):  # its start failed again: the next look tells why
                    client.restart(shown.name) if part.task is None else client.restart_task(shown.name, part.task)
