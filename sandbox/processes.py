"""Long-running child processes, tracked by pid files, which remain if the parent process crashes."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import SandboxError

GRACE = 10.0
"""Seconds between SIGTERM and SIGKILL: a 4.x worker sometimes never exits by itself."""

START_SECONDS = 120.0
"""The time limit for a process to become ready."""

_PORTS = range(20_000, 32_768)
"""Below the ephemeral ports of Linux and macOS, so that no outgoing connection takes a port before the process uses it."""

_started: list[subprocess.Popen[bytes]] = []
"""Child processes, which this process must reap."""


def free_port() -> int:
    """A loopback TCP port that is not in use and not ephemeral."""
    while True:
        port = random.choice(_PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def port_taken(port: int) -> bool:
    """Whether a process is listening on this loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _start_time(pid: int) -> str | None:
    """The start time of a process, which distinguishes it from a later one with the same pid; None if it has exited."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.exists():
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
            # The first thread of a killed Java process is a zombie while the others still hold its ports.
            exiting = fields[0] == "Z" and len(list(Path(f"/proc/{pid}/task").iterdir())) > 1
        except OSError:
            return None
        return None if fields[0] == "Z" and not exiting else fields[19]
    shown = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout.strip() or None


@dataclass(frozen=True)
class TrackedProcess:
    """A process with a pid file and a log file, `FOLDER/NAME.pid` and `FOLDER/NAME.log`."""

    folder: Path
    name: str

    @property
    def log(self) -> Path:
        """The output of the process, of all its starts."""
        return self.folder / f"{self.name}.log"

    @property
    def _file(self) -> Path:
        return self.folder / f"{self.name}.pid"

    @property
    def pid(self) -> int | None:
        """The pid of the running process; None if it is not running, even if another process has its pid now."""
        try:
            pid, start_time = self._file.read_text().split("\n", 1)
        except (OSError, ValueError):
            return None
        for child in _started:
            child.poll()
        return int(pid) if _start_time(int(pid)) == start_time else None

    def start(self, argv: Sequence[str], env: Mapping[str, str] | None = None) -> int:
        """Start it in its own process group, so that Ctrl-C does not stop it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            child = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env, cwd=self.folder, start_new_session=True
            )
        self._file.write_text(f"{child.pid}\n{_start_time(child.pid)}")
        _started.append(child)
        return child.pid

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, if the process is running."""
        if (pid := self.pid) is not None:
            os.kill(pid, number)

    def stop(self, grace: float = GRACE) -> None:
        """Send SIGTERM, then SIGKILL after `grace` seconds, and wait until the process has exited."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM if grace else signal.SIGKILL)
        deadline = time.monotonic() + grace
        while self.pid is not None:
            if time.monotonic() > deadline:
                self.signal(signal.SIGKILL)
            time.sleep(0.05)
        self._file.unlink(missing_ok=True)

    def tail(self, lines: int = 3) -> str:
        """The last lines of its log, joined into one."""
        if not self.log.exists():
            return ""
        return " | ".join(self.log.read_text(errors="replace").strip().splitlines()[-lines:])


def wait(process: TrackedProcess, what: str, ready: Callable[[], bool]) -> None:
    """Wait until a process is ready.

    Raises:
        SandboxError: it exits or takes too long; with the end of its log.
    """
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if process.pid is None:
            raise SandboxError(f"{what} exited during startup; the end of {process.log}: {process.tail()}")
        if time.monotonic() > deadline:
            raise SandboxError(
                f"{what} did not start within {START_SECONDS:.0f} s; the end of {process.log}: {process.tail()}"
            )
        time.sleep(0.1)


class PeakMemory:
    """The highest resident set size, in KiB, of any process with `part` in its command line while a block runs.

    With `folder`, only processes with this working directory count.
    """

    def __init__(self, part: str, folder: Path | None = None) -> None:
        self.kib = 0
        self._part, self._folder = part.encode(), folder
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> PeakMemory:  # noqa: PYI034 - Self needs Python 3.11
        if self._part:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        if self._part:
            self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.2):
            for process in Path("/proc").iterdir():
                try:
                    if self._part not in (process / "cmdline").read_bytes():
                        continue
                    if self._folder in (None, (process / "cwd").readlink()):
                        status = (process / "status").read_text()
                        self.kib = max(self.kib, int(status.split("VmHWM:")[1].split()[0]))
                except (OSError, IndexError):
                    continue
