"""Which worker is asked next, when, and for how long. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from pulumi_kafka_connectors.connect.errors import ConnectError, Refused


class Turns:
    """Which worker is asked next: each in turn from `first` on, over and over, but for those that are out."""

    def __init__(self, count: int, first: int) -> None:
        self._order = deque((first + step) % count for step in range(count))
        self._tries = [0] * count
        self.asked: list[int] = []

    def next(self) -> int:
        """The number of the worker whose turn it is."""
        at = self._order[0]
        self._order.rotate(-1)
        if not self._tries[at]:
            self.asked.append(at)
        self._tries[at] += 1
        return at

    def out(self, at: int) -> None:
        """Never ask that one again."""
        self._order.remove(at)

    @property
    def none_left(self) -> bool:
        """Whether all are out."""
        return not self._order

    @property
    def unasked(self) -> bool:
        """Whether some were not asked so far."""
        return any(not self._tries[at] for at in self._order)

    @property
    def round_over(self) -> bool:
        """Whether the next one would be asked once more than any was."""
        return all(self._tries[at] == max(self._tries) for at in self._order)


@dataclass(frozen=True)
class Patience:
    """How long one request is tried.

    Attributes:
        until: no try starts later, once every worker was asked.
        deadline: no further try starts later, whatever was asked.
        waits: pauses between tries.
    """

    until: float
    deadline: float
    waits: Iterator[float]

    def pause(self, now: float, problem: ConnectError, turns: Turns) -> float | None:
        """Seconds to wait before the next try; None: give up."""
        if turns.none_left or now >= self.deadline or (now >= self.until and not turns.unasked):
            return None
        # A worker that cannot be reached costs no pause before the next one; a busy cluster does.
        wait = next(self.waits) if isinstance(problem, Refused) or turns.round_over else 0.0
        return max(min(wait, self.until - now), 0.0)
