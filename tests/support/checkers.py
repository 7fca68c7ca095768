"""What mypy and pyright say of Python files."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from tests.support.pages import ROOT


def configure_pyright(folder: Path) -> None:
    """Make pyright strict in a folder, and let it find what the tests' environment has."""
    settings = {"typeCheckingMode": "strict", "pythonVersion": "3.10", "venvPath": str(ROOT), "venv": ".venv"}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))


def run(folder: Path, program: str, *arguments: str) -> str:
    command = [str(Path(sys.executable).with_name(program)), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


def by_mypy(folder: Path, *files: str) -> dict[str, set[int]]:
    """The lines with errors, by file."""
    output = run(folder, "mypy", "--strict", "--python-version", "3.10", "--config-file", "", *files)
    found = re.findall(r"(?m)^(\S+?\.py):(\d+): error:", output)
    assert "Success" in output or found, output
    return {file: {int(line) for name, line in found if name == file} for file in files}


def by_pyright(folder: Path, *files: str) -> dict[str, set[int]]:
    """The lines with errors, by file."""
    report = json.loads(run(folder, "basedpyright", "--outputjson", *files))
    assert report["summary"]["filesAnalyzed"] >= len(files)
    errors = [entry for entry in report["generalDiagnostics"] if entry["severity"] == "error"]
    return {
        file: {entry["range"]["start"]["line"] + 1 for entry in errors if Path(entry["file"]).name == file} for file in files
    }
