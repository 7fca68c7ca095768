"""`make demo`, the first command of the README, in a copy of this checkout without an environment, with a `pulumi` on PATH."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox import engine, tools
from sandbox.cluster import Sandbox
from tests.support import checkout


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on PATH with the sandbox's engine, as an installation has it."""
    folder = tmp_path / "pulumi" / "bin"
    folder.mkdir(parents=True)
    for program in engine.ensure().glob("pulumi*"):
        (folder / program.name).symlink_to(program)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=500, check=False)


def sandbox(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(folder, sys.executable, "-m", "sandbox", *arguments)


def test_the_demo_starts_keeps_running_and_is_removed(on_path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "checkout"
    checkout.copy(folder)
    try:
        demo = run(folder, "make", "demo")
        assert demo.returncode == 0, demo.stdout + demo.stderr
        before, _, after = demo.stdout.partition("sandbox: starting the Kafka")
        assert "This demo" in before
        assert f"the `pulumi` in {on_path}" in before
        assert "It takes" in before
        _, _, table = after.partition("arrived in")
        connector = r"^(lines-\w+) +(source|sink) +RUNNING +[\d.:]+\n +0 +RUNNING +[\d.:]+$"
        found = re.findall(connector, table, re.MULTILINE)
        assert dict(found) == {"lines-source": "source", "lines-sink": "sink"}, table
        again = sandbox(folder, "up")
        assert again.returncode == 0
        assert "starting" not in again.stdout, "running processes are kept"
        status = sandbox(folder, "status")
        assert (status.returncode, status.stdout.count("pid ")) == (0, 2)
        assert again.stdout.strip() in status.stdout
        assert sandbox(folder, "logs", "connect-1").returncode == 0
        assert "there is no log called x" in sandbox(folder, "logs", "x").stderr
        preview = sandbox(folder, "pulumi", "preview", "--expect-no-changes", "--non-interactive", "--stack", "demo")
        assert preview.returncode == 0, preview.stdout
    finally:
        down = run(folder, "make", "demo-down")
    assert down.returncode == 0, down.stdout + down.stderr
    assert "2 deleted" in down.stdout or "3 deleted" in down.stdout
    assert not (folder / ".sandbox" / "default").exists()
    assert sandbox(folder, "status").returncode == 1


def test_no_engine_is_built_when_one_is_on_path(
    on_path: Path, box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert engine.ensure() == on_path
    environment = engine.environment(box.folder / "on-path")
    assert f"{os.pathsep}{on_path}{os.pathsep}" in environment["PATH"]
    assert not tools.cache().exists()
