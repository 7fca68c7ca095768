"""The sandbox without Kafka: errors about missing programs, and tracking of processes and ports."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from pathlib import Path

import pytest

from sandbox import tools
from sandbox.cluster import Ports
from sandbox.errors import SandboxError
from sandbox.processes import TrackedProcess, free_port

FOREVER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(600)",
]


def program(folder: Path, name: str, output: str, code: int = 0) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\necho '{output}'\nexit {code}\n")
    file.chmod(0o755)


@pytest.mark.parametrize("name", ["java", "javac", "mvn", "go"])
def test_a_missing_program_is_one_error_message(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxError, match=f"^{name} is not on PATH: install .* and try again$"):
        tools.require(name)


@pytest.mark.parametrize(
    ("name", "output", "good"),
    [
        ("java", 'openjdk version "17.0.15" 2025-04-15', True),
        ("java", 'openjdk version "21" 2023-09-19', True),
        ("java", 'Picked up JAVA_TOOL_OPTIONS: -Xmx512m\nopenjdk version "25.0.1"', True),
        ("java", 'java version "1.8.0_402"', False),
        ("java", 'openjdk version "11.0.2"', False),
        ("java", "The operation could not be completed.", False),
        ("javac", "javac 17.0.15", True),
        ("javac", "javac 11.0.2", False),
        ("mvn", "\x1b[1mApache Maven 3.8.7\x1b[m", True),
        ("mvn", "Apache Maven 2.2.1", False),
        ("go", "go version go1.26.8 linux/amd64", True),
    ],
)
def test_a_program_that_is_too_old_is_one_error_message(
    name: str, output: str, good: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, name, output)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    if good:
        tools.require(name)
        return
    with pytest.raises(SandboxError, match=rf"^{tmp_path}/{name} .*: install .* and try again$"):
        tools.require(name)


def test_a_failed_command_is_reported_with_its_last_lines(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=r"^building failed \(sh exited with 3\): no space left$"):
        tools.run_with_progress("building", ["sh", "-c", "echo no space left; exit 3"])


def test_a_long_command_says_that_it_still_runs(capsys: pytest.CaptureFixture[str]) -> None:
    tools.run_with_progress("building", ["sleep", "0.5"], every=0.2)
    assert "sandbox: building: 0 s so far" in capsys.readouterr().out


def test_a_folder_is_created_once_and_never_partially(tmp_path: Path) -> None:
    folder = tmp_path / "jars"
    making = tools.filled_once(folder)
    filling = making.__enter__()
    assert filling is not None
    (filling / "half").touch()
    interrupted = KeyboardInterrupt()
    making.__exit__(KeyboardInterrupt, interrupted, None)
    assert not folder.exists()
    with tools.filled_once(folder) as filling:
        assert filling is not None
        (filling / "whole").touch()
    assert [path.name for path in folder.iterdir()] == ["whole"]
    with tools.filled_once(folder) as filling:
        assert filling is None


def started(tracked: TrackedProcess, argv: list[str]) -> int:
    pid = tracked.start(argv)
    deadline = time.monotonic() + 10
    while "up" not in tracked.tail():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return pid


def test_a_process_is_found_again_by_its_pid_file_and_stopped(tmp_path: Path) -> None:
    pid = started(TrackedProcess(tmp_path, "p"), FOREVER)
    again = TrackedProcess(tmp_path, "p")
    assert again.pid == pid
    again.stop()
    assert again.pid is None
    assert not list(tmp_path.glob("*.pid"))
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_process_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    tracked = TrackedProcess(tmp_path, "p")
    started(tracked, STUBBORN)
    tracked.stop(grace=0.3)
    assert tracked.pid is None


def test_a_suspended_process_is_resumed_and_then_ends(tmp_path: Path) -> None:
    tracked = TrackedProcess(tmp_path, "p")
    started(tracked, FOREVER)
    tracked.signal(signal.SIGSTOP)
    tracked.stop(grace=5)
    assert tracked.pid is None


def test_a_stale_pid_file_of_another_process_is_not_believed(tmp_path: Path) -> None:
    other = TrackedProcess(tmp_path, "other")
    pid = started(other, FOREVER)
    tracked = TrackedProcess(tmp_path, "p")
    try:
        for text in (f"{pid}\nanother birth", "999999999\n1", "", "nonsense"):
            (tmp_path / "p.pid").write_text(text)
            assert tracked.pid is None
            tracked.stop()
            assert other.pid == pid, "not ours, and stopped all the same"
    finally:
        other.stop()


def test_a_port_is_kept_unless_somebody_took_it(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "ports.json")
    port = ports.of("broker")
    assert ports.of("broker") == Ports(tmp_path / "ports.json").current("broker") == port
    with socket.create_server(("127.0.0.1", port)):
        assert ports.of("broker") != port
    assert ports.of("other") != ports.of("broker")
    assert free_port() < 32_768, "where outgoing connections begin"
