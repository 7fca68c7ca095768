"""`make demo`, the first command of the README."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from sandbox.cluster import Sandbox

ROOT = Path(__file__).resolve().parents[2]


def sandbox(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sandbox", "--folder", str(folder), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


def test_the_demo_starts_keeps_running_and_is_removed(box: Sandbox) -> None:
    folder = box.folder / "demo"
    try:
        demo = sandbox(folder, "demo")
        assert demo.returncode == 0, demo.stdout + demo.stderr
        assert "arrived in" in demo.stdout
        outputs = json.loads(demo.stdout.split("stack outputs: ")[1].splitlines()[0])
        assert (outputs["source"], outputs["sink"], outputs["tasks"]) == (
            "running",
            "running",
            [{"id": 0, "state": "running"}],
        )
        again = sandbox(folder, "up")
        assert again.returncode == 0
        assert "starting" not in again.stdout, "running processes are kept"
        status = sandbox(folder, "status")
        assert (status.returncode, status.stdout.count("pid ")) == (0, 2)
        assert again.stdout.strip() in status.stdout
        assert sandbox(folder, "logs", "connect-1").returncode == 0
        assert "there is no log called x" in sandbox(folder, "logs", "x").stderr
        preview = sandbox(folder, "pulumi", "preview", "--expect-no-changes", "--non-interactive", "--stack", "demo-demo")
        assert preview.returncode == 0, preview.stdout
    finally:
        down = sandbox(folder, "demo-down")
    assert down.returncode == 0, down.stdout + down.stderr
    assert "2 deleted" in down.stdout or "3 deleted" in down.stdout
    assert not folder.exists()
    assert sandbox(folder, "status").returncode == 1
