"""Copies of this checkout."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.support.pages import ROOT


def git(folder: Path, *arguments: str) -> str:
    """The output of a git command in a folder."""
    identity = ["-c", "user.name=tests", "-c", "user.email=tests@localhost"]
    return subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


def copy(folder: Path) -> None:
    """Copy the files of this checkout that belong to the repository, committed or not."""
    for name in git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines():
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
