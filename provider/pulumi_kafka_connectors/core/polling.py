"""Polls until there is a verdict or the time is up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pulumi_kafka_connectors.core.clock import Cancelled, Clock
from pulumi_kafka_connectors.core.health import Health, Verdict

FIRST_POLL: Final = 0.1
LONGEST_POLL: Final = 1.0
_GROWTH: Final = 1.25
SETTLE_RESTARTED: Final = 10.0
"""Seconds that something restarted after a failure must run before it counts as healthy: a sink task that fails on its
first record shows RUNNING until then."""
EMPTY_GRACE: Final = 5.0
"""Seconds after which a running connector without tasks counts as complete."""
_PROGRESS_EVERY: Final = 2.0
"""Seconds between two progress messages."""


class NotReady(Exception):
    """The time was up, or the run interrupted, before there was a verdict; the text says what is missing."""


@dataclass
class Poll:
    """Polls at once, then at intervals from 0.1 s to 1 s, until the connector is healthy or failed, or the time is up.

    A failure must be seen twice in a row: the first may belong to an older generation of tasks.

    Attributes:
        clock: the clock of the deadline.
        deadline: time on that clock.
        restart_failed: restarts what failed; called once, after which the wait continues.
        settle: seconds for which the connector must be healthy without interruption.
        settle_restarted: the same, after a restart of something that had failed.
        progress: called with what is missing, every two seconds.
    """

    clock: Clock
    deadline: float
    restart_failed: Callable[[], None] | None = None
    settle: float = 0.0
    settle_restarted: float = SETTLE_RESTARTED
    progress: Callable[[str], None] | None = None

    def until_decided(self, look: Callable[[], Verdict]) -> Verdict:
        """Poll until there is a verdict.

        Raises:
            NotReady: the time is up, or the run was interrupted; names what is missing.
        """
        started = reported = self.clock.now()
        pause, settle, failures = FIRST_POLL, self.settle, 0
        empty_since: float | None = None
        healthy_since: float | None = None
        while True:
            verdict = look()
            now = self.clock.now()
            failures = failures + 1 if verdict.health is Health.FAILED else 0
            empty_since = _since(empty_since, now, lasts=verdict.health is Health.EMPTY)
            healthy_since = _since(healthy_since, now, lasts=verdict.health is Health.HEALTHY)
            last = now + pause > self.deadline
            if healthy_since is not None and (now - healthy_since >= settle or last):
                return verdict
            if empty_since is not None and now - empty_since >= EMPTY_GRACE:
                return verdict
            if failures > 1:
                if self.restart_failed is None:
                    return verdict
                self.restart_failed()
                self.restart_failed, failures, pause, settle = None, 0, FIRST_POLL, self.settle_restarted
            if last:
                raise NotReady(f"not ready after {self.deadline - started:.0f} s: {verdict.reason}")
            if self.progress is not None and verdict.reason and now - reported > _PROGRESS_EVERY:
                self.progress(verdict.reason)
                reported = now
            try:
                self.clock.sleep(pause if verdict.poll_after is None else verdict.poll_after)
            except Cancelled:
                missing = verdict.reason or "it must go on running for some seconds"
                raise NotReady(f"not ready, since the run was interrupted: {missing}") from None
            pause = min(pause * _GROWTH, LONGEST_POLL)


def _since(since: float | None, now: float, *, lasts: bool) -> float | None:
    return (now if since is None else since) if lasts else None
