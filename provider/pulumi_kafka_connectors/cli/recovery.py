"""What to restart, when again, and what became of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from pulumi_kafka_connectors.cli.report import Shown
from pulumi_kafka_connectors.connect.states import State
from pulumi_kafka_connectors.core.polling import SETTLE_RESTARTED

ROUND_SECONDS: Final = 120.0
"""Seconds for what was restarted to run again."""
FIRST_PAUSE: Final = 5.0
LONGEST_PAUSE: Final = 300.0
_HELD: Final = (State.PAUSED, State.STOPPED)
_STALE_SECONDS: Final = 1.0
"""Seconds after a restart in which a failure may be the one from before it: workers learn of a restart one by one."""


class Outcome(Enum):
    """What became of a connector."""

    RUNNING = "running"
    FAILED = "failed"
    WAITING = "waiting"
    """Neither running nor failed when its time was up."""
    HELD = "held"
    """Paused or stopped, and therefore left alone."""
    MISSING = "missing"


@dataclass
class Result:
    """What became of one connector.

    Attributes:
        shown: as it was when it was last seen.
        restarts: how often it was restarted.
        failures: what had failed at first, a sentence each.
    """

    shown: Shown
    outcome: Outcome
    restarts: int = 0
    failures: Sequence[str] = field(default=(), repr=False)

    @property
    def reason(self) -> str:
        """Why it does not run, on one line; empty if it runs."""
        if self.outcome is Outcome.FAILED:
            return "; ".join(part.failure for part in self.shown.failures)
        if self.outcome is Outcome.WAITING:
            return unready(self.shown)
        if self.outcome is Outcome.HELD:
            return f"it is {held(self.shown)}"
        return "there is no such connector" if self.outcome is Outcome.MISSING else ""


def held(shown: Shown) -> str:
    """`paused` or `stopped` if an operator wants it so, else an empty string.

    The state of a failed connector instance hides that it is to be paused: then its tasks show it.
    """
    if shown.instance is None:
        return ""
    if shown.instance.state in _HELD:
        return shown.instance.state.word
    others = {task.state for task in shown.tasks if not task.failed}
    return State.PAUSED.word if shown.instance.failed and others == {State.PAUSED} else ""


def first_result(shown: Shown) -> Result:
    """What is to be said of a connector before anything is restarted."""
    failures = [part.failure for part in shown.failures]
    if not shown.found:
        return Result(shown, Outcome.MISSING)
    if held(shown):
        return Result(shown, Outcome.HELD, failures=failures)
    if failures:
        return Result(shown, Outcome.FAILED, failures=failures)
    return Result(shown, Outcome.RUNNING if runs(shown) else Outcome.WAITING)


def runs(shown: Shown) -> bool:
    """Whether the connector instance and all its tasks run."""
    return shown.instance is not None and all(part.state is State.RUNNING for part in shown.parts)


def unready(shown: Shown) -> str:
    """Which parts do not run, such as `task 1 is unassigned`."""
    if shown.instance is None:
        return "it has no status yet"
    waiting = [part for part in shown.parts if part.state is not State.RUNNING]
    texts = [f"{'the connector' if part.task is None else f'task {part.task}'} is {part.state.word}" for part in waiting]
    return ", ".join(texts) or "it has not been running for long enough"


def pauses() -> Iterator[float]:
    """Seconds before the second, third, ... round of restarts: doubling up to five minutes."""
    pause = FIRST_PAUSE
    while True:
        yield pause
        pause = min(pause * 2, LONGEST_PAUSE)


@dataclass
class Recovery:
    """Judges one look after the other at a connector that was restarted.

    Attributes:
        restarted: time of the restart.
        settle: seconds for which it must run without interruption: a sink task that fails on its first record shows
            RUNNING until then.
    """

    restarted: float
    settle: float = SETTLE_RESTARTED
    _running_since: float | None = field(default=None, init=False)
    _failures: int = field(default=0, init=False)

    def see(self, now: float, shown: Shown) -> Outcome:
        """The outcome as of this look; WAITING while there is none. A failure must be seen twice in a row."""
        if not shown.found:
            return Outcome.MISSING
        if held(shown):
            return Outcome.HELD
        self._failures = self._failures + 1 if shown.failures and now - self.restarted >= _STALE_SECONDS else 0
        if self._failures > 1:
            return Outcome.FAILED
        if not runs(shown):
            self._running_since = None
            return Outcome.WAITING
        self._running_since = now if self._running_since is None else self._running_since
        return Outcome.RUNNING if now - self._running_since >= self.settle else Outcome.WAITING
