"""A shorter call stack in the state of every resource.

The SDK stores the whole call stack that declared a resource, of which most is Pulumi's own runner and asyncio: half of
all that the engine stores for a connector, and the engine writes the state of all resources again at every step. What
is kept here are the frames of the program.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Final

_SDK: Final = 7
"""Frames of the SDK below a resource's constructor: five, and two to spare."""


@contextlib.contextmanager
def of_program() -> Iterator[None]:
    """Where a resource is declared in this block, only the frames up to the program's main module are taken.

    Python's own limit for stacks serves for that; where somebody has set it, or there is no main module, all is left
    as it is.
    """
    count = _until_main(sys._getframe(2))  # noqa: SLF001 - two up is who enters the block
    if count is None or hasattr(sys, "tracebacklimit"):
        yield
        return
    sys.tracebacklimit = _SDK + count
    try:
        yield
    finally:
        with contextlib.suppress(AttributeError):
            del sys.tracebacklimit


def _until_main(frame: FrameType | None) -> int | None:
    count = 0
    while frame is not None:
        count += 1
        if frame.f_code.co_name == "<module>" and frame.f_globals.get("__name__") == "__main__":
            return count
        frame = frame.f_back
    return None
