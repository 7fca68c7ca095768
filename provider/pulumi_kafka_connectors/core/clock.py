"""The clock of `core`: the only place that reads the time and waits."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future
from concurrent.futures import wait as wait_for_futures
from typing import Any, Final

from pulumi_kafka_connectors.connect.clock import Clock as ConnectClock


class Cancelled(Exception):
    """The user has interrupted the run: nothing is waited for any more."""


class Clock(ConnectClock):
    """A monotonic clock in seconds, which tests replace, and a cancel token for everything that waits on it."""

    def __init__(self) -> None:
        self._cancelled: Future[None] = Future()

    @property
    def cancelled(self) -> bool:
        """Whether the run was interrupted."""
        return self._cancelled.done()

    def cancel(self) -> None:
        """End every wait, now and from now on, with `Cancelled`."""
        if not self._cancelled.done():
            self._cancelled.set_result(None)

    def renew(self) -> None:
        """Wait again, for another run in the same process."""
        self._cancelled = Future()

    def sleep(self, seconds: float) -> None:
        """Sleep for `seconds`.

        Raises:
            Cancelled: the run was interrupted.
        """
        self.wait(Future(), self.now() + seconds)

    def wait(self, result: Future[Any], deadline: float) -> bool:
        """Wait for a result until `deadline`.

        Returns:
            Whether the result is available.

        Raises:
            Cancelled: the run was interrupted.
        """
        seconds = max(deadline - self.now(), 0.0)
        wait_for_futures([result, self._cancelled], timeout=seconds, return_when=FIRST_COMPLETED)
        if self._cancelled.done():
            raise Cancelled("the run was interrupted")
        return result.done()


SYSTEM: Final = Clock()
