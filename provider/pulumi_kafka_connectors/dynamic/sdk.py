"""Workarounds for limitations of the SDK's dynamic providers, and when each can go. Nothing else uses SDK internals.

Threads: the process that serves dynamic providers handles requests in four threads, and an operation that waits for a
cluster occupies its thread (every SDK from 3.0 to 3.272, `pulumi/dynamic/__main__.py`). With 64 threads, creating 100
FileStream connectors takes 25 s instead of 62 s with `--parallel 32`. The engine decides how many operations it starts at
once; this only keeps them from queuing. Remove it when the number of threads can be configured: `tests/wire/test_sdk.py`
shows when.

Frames: the SDK stores the whole call stack that declared a resource. Most of it belongs to Pulumi's own runner and asyncio,
and it is half of what the engine stores for a connector; the engine rewrites the state of all resources at every step (SDK
3.216 to 3.272). `sys.tracebacklimit` keeps only the frames of the program. Remove it when the SDK omits its own frames.

Tracebacks: the host answers a failed operation with the traceback of the exception (SDK 3.260 to 3.272; earlier versions
with `Exception calling application: ` and its text). `sys.tracebacklimit` reduces that to one line. It is restored at the
start of the next operation, so that other dynamic providers in the process keep their tracebacks. Remove it when the host
has an exception type that it shows without a traceback.

URNs: a dynamic provider is not given the URN of the resource (SDK 3.0 to 3.272), but a connector that one resource created
in a run must not be deleted for another. The URN is read from the request in the frame of the host's method. Remove it when
providers get the URN.
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
    """Let the plugin process handle `wanted` requests at once (a number as text; 64 if missing or invalid), but never
    fewer than before. Threads start only when needed; other dynamic providers in the process share them, as they
    share the original four.

    Returns:
        The new maximum number of threads; None when this is not the expected plugin process.
    """
    count = int(wanted) if wanted is not None and wanted.isdecimal() else THREADS
    pool = _pool(sys._current_frames().get(threading.main_thread().ident or 0))  # noqa: SLF001 - see the module
    present = getattr(pool, "_max_workers", None)
    if pool is None or not isinstance(present, int):
        return None
    # A pool checks its limit whenever work is submitted.
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
"""Frames of the SDK below a resource's constructor: five, plus two as a margin."""


@contextlib.contextmanager
def frames_of_program() -> Iterator[None]:
    """Store only the frames up to the program's main module for resources declared in this block.

    Does nothing if `sys.tracebacklimit` is already set, or if there is no main module.
    """
    count = _until_main(sys._getframe(2))  # noqa: SLF001 - two frames up is the caller of the block
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


# URNs


def current_urn() -> str:
    """The URN of the resource that the host's request is about; empty where this is no request of the host."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - see the module
    while frame is not None:
        if frame.f_globals.get("__package__") == "pulumi.dynamic" and "request" in frame.f_locals:
            urn = getattr(frame.f_locals["request"], "urn", "")
            return urn if isinstance(urn, str) else ""
        frame = frame.f_back
    return ""


# Tracebacks

_FORMATTING_SECONDS: Final = 1.0
"""Seconds after which another thread's failure has certainly been formatted."""
_lock = threading.Lock()
_failed: dict[int, float] = {}
"""When each thread last hid its traceback, by thread ID."""
_former: list[int | None] = []
"""The value of `sys.tracebacklimit` before it was changed, if it was set."""


def hide_tracebacks() -> None:
    """Make the host print the next exception of this thread without a traceback."""
    with _lock:
        if not _failed:
            _former[:] = [sys.tracebacklimit] if hasattr(sys, "tracebacklimit") else []
        _failed[threading.get_ident()] = time.monotonic()
        sys.tracebacklimit = 0


def show_tracebacks() -> None:
    """Restore `sys.tracebacklimit`, unless a failure of another thread may not have been printed yet."""
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
