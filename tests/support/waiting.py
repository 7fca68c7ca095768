"""Waiting for a condition."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(
    condition: Callable[[], bool], message: str = "the condition did not become true", *, seconds: float = 20
) -> None:
    """Return when the condition is true; fail with `message` after so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, message
        time.sleep(0.05)
