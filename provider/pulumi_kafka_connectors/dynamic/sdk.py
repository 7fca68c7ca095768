"""What the SDK's dynamic providers lack, each with a paragraph on when it can go. Nothing else reaches into the SDK.

Threads: the process that serves dynamic providers handles requests in four threads, and an operation that waits for a
cluster keeps its thread (every SDK from 3.0 to 3.272, `pulumi/dynamic/__main__.py`). With 64, 100 FileStream connectors are
created in 25 s instead of 62 s with `--parallel 32`. The engine decides how many operations it starts at once; this only
makes sure that they need not queue. Delete it when the host takes a number of threads: `tests/wire/test_sdk.py` tells.

Frames: the SDK stores the whole call stack that declared a resource, of which most is Pulumi's own runner and asyncio: half
of all that the engine stores for a connector, and the engine writes the state of all resources again at every step (SDK
3.216 to 3.272). Only the frames of the program are kept, through Python's own limit for stacks. Delete it when the SDK
leaves its own frames out.

Tracebacks: the host answers a failed operation with the traceback of the exception (SDK 3.260 to 3.272, before that with
`Exception calling application: ` and its text). The limit for stacks makes that one line. It is put back at the entry of
the next operation, so that other dynamic providers of the process keep theirs. Delete it when the host shows an exception
of a kind of its own without a traceback.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import Final

THREADS_VARIABLE: Final = "KAFKA_CONNECT_THREADS"
THREADS: Final = 64

# Threads


def allow_operations(wanted: str | None = None) -> int | None:
    """Let the plugin process handle `wanted` (text of a number; unset or unusable: 64) requests at once, never fewer
    than it does. Threads start only when they are needed; other dynamic providers in the process share them, as they
    share the four.

    Returns:
        The threads there may be now; None when this is not the plugin process that we know.
    """
    count = int(wanted) if wanted is not None and wanted.isdecimal() else THREADS
    pool = _pool(sys._current_frames().get(threading.main_thread().ident or 0))  # noqa: SLF001 - see the module
    present = getattr(pool, "_max_workers", None)
    if pool is None or not isinstance(present, int):
        return None
    # A pool looks at its limit whenever it is given work.
    pool._max_workers = max(present, count)  # noqa: SLF001
    return max(present, count)


def _pool(frame: FrameType | None) -> ThreadPoolExecutor | None:
    """The thread pool of the gRPC server that the SDK's `main` runs, from the frames of the main thread."""
    while frame is not None:
        if frame.f_code.co_name == "main" and frame.f_globals.get("__package__") == "pulumi.dynamic":
            server = frame.f_locals.get("server")
            pool = getattr(getattr(server, "_state", None), "thread_pool", None)
            return pool if isinstance(pool, ThreadPoolExecutor) else None
        frame = frame.f_back
    return None


# Frames

_SDK_FRAMES: Final = 7
"""Frames of the SDK below a resource's constructor: five, and two to spare."""


@contextlib.contextmanager
def frames_of_program() -> Iterator[None]:
    """Where a resource is declared in this block, only the frames up to the program's main module are taken.

    Where somebody has set Python's limit for stacks, or there is no main module, all is left as it is.
    """
    count = _until_main(sys._getframe(2))  # noqa: SLF001 - two up is who enters the block
    if count is None or hasattr(sys, "tracebacklimit"):
        yield
        return
    sys.tracebacklimit = _SDK_FRAMES + count
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


# Tracebacks

_FORMATTING_SECONDS: Final = 1.0
"""Seconds after which another thread's failure has certainly been formatted."""
_lock = threading.Lock()
_failed: dict[int, float] = {}
"""When each thread last hid its traceback, by its number."""
_former: list[int | None] = []
"""Python's limit for stacks before it was changed, if there was one."""


def hide_tracebacks() -> None:
    """Let the host print the exception that this thread raises next without a traceback."""
    with _lock:
        if not _failed:
            _former[:] = [sys.tracebacklimit] if hasattr(sys, "tracebacklimit") else []
        _failed[threading.get_ident()] = time.monotonic()
        sys.tracebacklimit = 0


def show_tracebacks() -> None:
    """Put Python's limit for stacks back, unless the failure of another thread may not have been printed yet."""
    with _lock:
        if not _failed:
            return
        now = time.monotonic()
        _failed.pop(threading.get_ident(), None)
        for thread in [thread for thread, since in _failed.items() if now - since > _FORMATTING_SECONDS]:
            del _failed[thread]
        if _failed:
            return
        if _former:
            sys.tracebacklimit = _former[0]
        elif hasattr(sys, "tracebacklimit"):
            del sys.tracebacklimit
