"""The one place of this package that tells the time and sleeps, so that tests can do both at once."""

from __future__ import annotations

import time


class Clock:
    """Time as `time.monotonic()` counts it, in seconds."""

    def now(self) -> float:
        """Seconds since some moment in the past; never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Return so many seconds later."""
        time.sleep(seconds)


SYSTEM = Clock()
"""The clock of the machine."""
