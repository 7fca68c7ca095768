"""How long odd answers to a look (refused, limited, not Connect's) may go on before they count."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from pulumi_kafka_connectors.connect import BadAnswer, Refused
from pulumi_kafka_connectors.core.clock import Clock

TOLERANCE_SECONDS: Final = 5.0
INCONCLUSIVE: Final = (Refused, BadAnswer)
"""Errors of a look that say nothing about the connector; whoever looks handles `NotFound` before."""


@dataclass
class Tolerance:
    """Odd answers without an answer of a worker between them.

    Attributes:
        clock: the clock of the deadline.
        deadline: time on that clock; what happens after it is "not ready", whatever the last answer was.
    """

    clock: Clock
    deadline: float
    _since: float | None = field(default=None, init=False)

    def covers_one_more(self) -> bool:
        """Whether the wait goes on after one more odd answer."""
        now = self.clock.now()
        self._since = now if self._since is None else self._since
        return now - self._since < TOLERANCE_SECONDS or now >= self.deadline

    def end(self) -> None:
        """A worker has answered."""
        self._since = None
