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
from importlib.metadata import version
from pathlib import Path
from typing import Final

THREADS: Final = 72
"""Requests that are served at once: 64 operations, and what the engine asks beside them."""
_PARENT_SECONDS: Final = 1.0
"""Seconds between two looks whether the engine that started this process is still there."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the port that is served, and serve until the engine is gone."""
    given = sys.argv[1:] if arguments is None else arguments
    address = next((argument for argument in reversed(given) if ":" in argument), "")
    _skip_sdk_start()
    import grpc
    from pulumi.runtime.proto import provider_pb2_grpc

    from pulumi_kafka_connectors.plugin.engine import Engine
    from pulumi_kafka_connectors.plugin.server import Plugin

    # The engine asks for the end of operations by `Cancel`: an interrupt of the terminal is meant for the engine.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    server = grpc.server(ThreadPoolExecutor(THREADS), options=options)
    plugin = Plugin(Engine(address), version("pulumi-kafka-connectors"))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(plugin, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    _wait_for_the_end_of(os.getppid() if address else None)
    server.stop(None)
    return 0  # operations in progress end first: the interpreter waits for their threads


def _wait_for_the_end_of(parent: int | None) -> None:
    """Wait until the parent process has ended (an engine that was killed says nothing), or forever without one."""
    ended = threading.Event()
    while not ended.wait(_PARENT_SECONDS):
        if parent is not None and os.getppid() != parent:
            return


def _skip_sdk_start() -> None:
    """Let the protocol's modules be imported without `pulumi/__init__.py`, which imports the whole SDK: 0.2 s and 10 MB."""
    found = importlib.util.find_spec("pulumi")
    if found is None or found.origin is None or "pulumi" in sys.modules:
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
    sys.exit(main())
