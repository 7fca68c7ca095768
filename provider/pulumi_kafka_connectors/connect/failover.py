"""Which worker to try next, when, and for how long. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from pulumi_kafka_connectors.connect.errors import ConnectError, Refused


class Turns:
    """Which worker to try next: round robin from `first`, without the excluded ones."""

    def __init__(self, count: int, first: int) -> None:
        self._order = deque((first + step) % count for step in range(count))
        self._tries = [0] * count
        self.tried: list[int] = []

    def next(self) -> int:
        """The number of the worker whose turn it is."""
        at = self._order[0]
        self._order.rotate(-1)
        if not self._tries[at]:
            self.tried.append(at)
        self._tries[at] += 1
        return at

    def out(self, at: int) -> None:
        """Exclude this worker: never try it again."""
        self._order.remove(at)

    @property
    def none_left(self) -> bool:
        """Whether all workers are excluded."""
        return not self._order

    @property
    def untried(self) -> bool:
        """Whether some workers have not been tried yet."""
        return any(not self._tries[at] for at in self._order)

    @property
    def round_over(self) -> bool:
        """Whether every worker has been tried equally often."""
        return all(self._tries[at] == max(self._tries) for at in self._order)


@dataclass(frozen=True)
class Patience:
    """How long to keep trying one request.

    Attributes:
        until: no attempt starts later, once every worker has been tried.
        deadline: no further attempt starts later, even if some workers have not been tried.
        waits: pauses between attempts.
    """

    until: float
    deadline: float
    waits: Iterator[float]

    def pause(self, now: float, problem: ConnectError, turns: Turns) -> float | None:
        """Seconds to wait before the next attempt; None to give up."""
        if turns.none_left or now >= self.deadline or (now >= self.until and not turns.untried):
            return None
        # The next worker follows an unreachable one without a pause; a busy cluster needs one.
        wait = next(self.waits) if isinstance(problem, Refused) or turns.round_over else 0.0
        return max(min(wait, self.until - now), 0.0)
