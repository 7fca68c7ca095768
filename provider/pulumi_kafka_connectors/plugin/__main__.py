"""The executable: `python -m pulumi_kafka_connectors.plugin [ENGINE]`, which the engine starts.

Without the address of an engine it waits for one to attach, for debugging: set `PULUMI_DEBUG_PROVIDERS` to
`kafka-connectors:` and the port that it prints.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
import threading
import types
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NoReturn

THREADS: Final = 72
"""Requests that are served at once: 64 operations, and what the engine asks beside them."""
_PARENT_SECONDS: Final = 1.0
"""Seconds between two looks whether the engine that started this process is still there."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Print the port that is served, and serve until the engine is gone."""
    given = sys.argv[1:] if arguments is None else arguments
    address = next((argument for argument in reversed(given) if ":" in argument), "")
    parent = os.getppid() if address else None
    _skip_sdk_start()
    import grpc
    from pulumi.runtime.proto import provider_pb2_grpc

    from pulumi_kafka_connectors.core.clock import SYSTEM
    from pulumi_kafka_connectors.plugin.engine import Engine
    from pulumi_kafka_connectors.plugin.server import Plugin

    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):  # so the engine ends a plugin; it kills one that takes more than 5 s
        signal.signal(number, lambda *_: ended.set())
    options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    threads = ThreadPoolExecutor(THREADS)
    server = grpc.server(threads, options=options)
    plugin = Plugin(Engine(address))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(plugin, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    _wait(ended, parent)
    server.stop(None)
    SYSTEM.cancel()  # nobody waits any more, but what an operation has begun it ends or undoes
    threads.shutdown()
    os._exit(0)  # gRPC's own threads can delay the regular end of the interpreter for seconds


def _wait(ended: threading.Event, parent: int | None) -> None:
    """Wait for the end, or until the parent process has ended: an engine that was killed says nothing."""
    while not ended.wait(_PARENT_SECONDS):
        if parent is not None and os.getppid() != parent:
            return


def _skip_sdk_start() -> None:
    """Let the protocol's modules be imported without `pulumi/__init__.py`, which imports the whole SDK: 0.2 s and 10 MB."""
    found = None if "pulumi" in sys.modules else importlib.util.find_spec("pulumi")
    if found is None or found.origin is None:
        return
    folder = Path(found.origin).parent
    for name, place in (
        ("pulumi", folder),
        ("pulumi.runtime", folder / "runtime"),
        ("pulumi.runtime.proto", folder / "runtime" / "proto"),
    ):
        package = types.ModuleType(name)
        package.__path__ = [str(place)]
        sys.modules[name] = package


if __name__ == "__main__":
    main()
