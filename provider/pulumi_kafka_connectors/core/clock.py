"""The clock of `core`: what time it is, and the only places where it waits."""

from __future__ import annotations

from concurrent.futures import Future
from concurrent.futures import wait as wait_for_futures
from typing import Any, Final

from pulumi_kafka_connectors.connect.clock import Clock as ConnectClock


class Clock(ConnectClock):
    """A monotonic clock in seconds; tests replace it."""

    def wait(self, result: Future[Any], deadline: float) -> bool:
        """Wait for a result until `deadline`.

        Returns:
            Whether it is there.
        """
        return bool(wait_for_futures([result], timeout=max(deadline - self.now(), 0.0)).done)


SYSTEM: Final = Clock()
