"""The only module of this package that reads the time and sleeps, so that tests can replace both."""

from __future__ import annotations

import time


class Clock:
    """Monotonic time in seconds, as `time.monotonic()` returns it."""

    def now(self) -> float:
        """Seconds since an arbitrary point in the past; never decreases."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Sleep for `seconds`."""
        time.sleep(seconds)


SYSTEM = Clock()
"""The system clock."""
