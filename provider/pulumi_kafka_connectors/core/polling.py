"""Looking again and again until there is a verdict or time is up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pulumi_kafka_connectors.core.clock import Clock
from pulumi_kafka_connectors.core.health import Health, Verdict

FIRST_POLL: Final = 0.1
LONGEST_POLL: Final = 1.0
_GROWTH: Final = 1.25
SETTLE: Final = 0.5
"""Seconds that something restarted must run before it counts as healthy: a task that fails at its first poll shows
RUNNING until then."""
EMPTY_GRACE: Final = 5.0
"""Seconds after which a running connector without tasks counts as one that wants none."""
_TELL_EVERY: Final = 2.0
"""Seconds between two words about a wait."""


class NotReady(Exception):
    """Time was up before there was a verdict; the text says what is missing."""


@dataclass
class Poll:
    """Look at once, then every 0.1 s growing to 1 s, until the verdict is neither waiting nor empty, or time is up.

    A failure must be seen twice in a row: the first may be of an older generation.

    Attributes:
        clock: what time it is.
        deadline: until when, on that clock.
        restart_failed: what to do, once, about something that failed; the wait then goes on.
        progress: told what is missing, every two seconds.
    """

    clock: Clock
    deadline: float
    restart_failed: Callable[[], None] | None = None
    progress: Callable[[str], None] | None = None

    def until_decided(self, look: Callable[[], Verdict]) -> Verdict:
        """Run it.

        Raises:
            NotReady: naming what is missing.
        """
        started = told = self.clock.now()
        pause, settle, failures = FIRST_POLL, 0.0, 0
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
                self.restart_failed, failures, pause, settle = None, 0, FIRST_POLL, SETTLE
            if last:
                raise NotReady(f"not ready after {self.deadline - started:.0f} s: {verdict.reason}")
            if self.progress is not None and verdict.reason and now - told > _TELL_EVERY:
                self.progress(verdict.reason)
                told = now
            self.clock.sleep(pause if verdict.poll_after is None else verdict.poll_after)
            pause = min(pause * _GROWTH, LONGEST_POLL)


def _since(since: float | None, now: float, *, lasts: bool) -> float | None:
    return (now if since is None else since) if lasts else None
