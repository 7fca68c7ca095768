"""More operations at once than the four that the SDK's plugin process allows.

The process that serves dynamic providers handles requests in four threads, and an operation that waits for a cluster
keeps its thread. The engine decides how many operations it starts at once (`--parallel`); this only makes sure that
what it starts need not queue. Nothing is changed where the process looks otherwise than the SDK we know.
"""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import Final

VARIABLE: Final = "KAFKA_CONNECT_THREADS"
THREADS: Final = 64


def widen(wanted: str | None = None) -> int | None:
    """Let the plugin process handle `wanted` (text of a number; unset or unusable: 64) requests at once, never fewer
    than it does. Threads start only when they are needed; other dynamic providers in the process share them, as they
    share the four.

    Returns:
        The threads there may be now; None when this is not the plugin process that we know.
    """
    count = int(wanted) if wanted is not None and wanted.isdecimal() else THREADS
    pool = _pool(sys._current_frames().get(threading.main_thread().ident or 0))  # noqa: SLF001 - see the module
    most = getattr(pool, "_max_workers", None)
    if pool is None or not isinstance(most, int):
        return None
    # A pool looks at its limit whenever it is given work.
    pool._max_workers = max(most, count)  # noqa: SLF001
    return max(most, count)


def _pool(frame: FrameType | None) -> ThreadPoolExecutor | None:
    """The thread pool of the gRPC server that the SDK's `main` runs, from the frames of the main thread."""
    while frame is not None:
        if frame.f_code.co_name == "main" and frame.f_globals.get("__package__") == "pulumi.dynamic":
            server = frame.f_locals.get("server")
            pool = getattr(getattr(server, "_state", None), "thread_pool", None)
            return pool if isinstance(pool, ThreadPoolExecutor) else None
        frame = frame.f_back
    return None
