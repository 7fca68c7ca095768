"""Puts the plugin where the engine looks for plugins: a launcher that runs this Python environment. Needs no network."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

EXECUTABLE: Final = "pulumi-resource-kafka-connectors"
_FOLDERS: Final = "resource-kafka-connectors-v"
_LAUNCH: Final = """\
from pulumi_kafka_connectors.plugin.__main__ import main

main()
"""


def plugin_version() -> str:
    """The version of this package as the engine spells it: `0.2.0-rc.1` for `0.2.0rc1`."""
    from importlib.metadata import version  # late: it takes longer to import than the rest of this module

    return re.sub(r"^(\d+\.\d+\.\d+)\.?([a-z]+)(\d+)", r"\1-\2.\3", version("pulumi-kafka-connectors"))


def plugins_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the engine keeps plugins: `plugins` in `PULUMI_HOME`, else in `.pulumi` of the home folder."""
    home = environment.get("PULUMI_HOME")
    return (Path(home) if home else Path.home() / ".pulumi") / "plugins"


def install(folder: Path | None = None) -> Path:
    """Install the plugin for this Python environment, in place of the same version that was there.

    Args:
        folder: of all plugins; the engine's own by default.

    Returns:
        The folder of the plugin.

    Raises:
        OSError: it cannot be written.
    """
    target = (folder or plugins_folder()) / f"{_FOLDERS}{plugin_version()}"
    target.mkdir(parents=True, exist_ok=True)
    launch = target / "launch.py"
    launch.write_text(_LAUNCH, encoding="utf-8")
    # Not `-m`: that would find modules of the program's folder before those that are meant.
    if os.name == "nt":
        (target / f"{EXECUTABLE}.cmd").write_text(f'@"{sys.executable}" "%~dp0launch.py" %*\r\n', encoding="utf-8")
        return target
    script = target / EXECUTABLE
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(launch))} "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    return target


def uninstall(folder: Path | None = None) -> list[Path]:
    """Remove every installed version of the plugin.

    Returns:
        The folders that were removed.

    Raises:
        OSError: one of them cannot be removed.
    """
    found = installed(folder)
    for path in found:
        shutil.rmtree(path)
        path.with_name(f"{path.name}.lock").unlink(missing_ok=True)
    return found


def installed(folder: Path | None = None) -> list[Path]:
    """The folders of all installed versions of the plugin."""
    return sorted(path for path in (folder or plugins_folder()).glob(f"{_FOLDERS}*") if path.is_dir())


def can_be_found(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the engine finds the plugin: installed, on PATH, or running for debugging."""
    debugged = "kafka-connectors:" in environment.get("PULUMI_DEBUG_PROVIDERS", "")
    on_path = shutil.which(EXECUTABLE, path=environment.get("PATH"))
    return debugged or on_path is not None or bool(installed(plugins_folder(environment)))
