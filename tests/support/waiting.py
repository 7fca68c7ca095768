"""Waiting for what becomes true a moment later."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(true: Callable[[], bool], what: str = "it did not become true", *, seconds: float = 20) -> None:
    """Return when it is true; fail with `what` after so many seconds."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)
