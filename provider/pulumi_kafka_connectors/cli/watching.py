"""Looks again and again until Ctrl-C, and shows each look in the place of the one before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from pulumi_kafka_connectors.cli.options import FAILED, NO_WORKER, OK
from pulumi_kafka_connectors.cli.report import Shown
from pulumi_kafka_connectors.core.clock import SYSTEM, Clock


@dataclass(frozen=True)
class Look:
    """One look at the cluster.

    Attributes:
        shown: the connectors.
        problem: why the workers could not be asked; empty if they were.
    """

    shown: Sequence[Shown] = ()
    problem: str = ""

    @property
    def code(self) -> int:
        """The exit code if this was the last look."""
        if self.problem:
            return NO_WORKER
        return OK if all(one.healthy for one in self.shown) else FAILED


Show = Callable[[Look], None]


def watch(
    look: Callable[[], Look], screen: AbstractContextManager[Show], every: float, deadline: float, clock: Clock = SYSTEM
) -> int:
    """Look every so many seconds until Ctrl-C or the deadline.

    Args:
        look: asks the workers.
        screen: gives what shows a look.
        every: seconds between two looks.
        deadline: time on the clock after which no look starts.
        clock: of the deadline.

    Returns:
        The exit code of the last look.
    """
    code = OK
    try:
        with screen as show:
            while True:
                seen = look()
                code = seen.code
                show(seen)
                if clock.now() + every > deadline:
                    return code
                clock.sleep(every)
    except KeyboardInterrupt:
        return code
