"""The settings of a Pulumi stack, read through the `pulumi` on PATH where a command runs in the folder of a project."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from pulumi_kafka_connectors.core.redaction import visible
from pulumi_kafka_connectors.core.settings import NAMES, NAMESPACE, SettingsError

_PROJECT: Final = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")
_SECONDS: Final = 60.0
"""Seconds for `pulumi`, which may have to ask a backend and a key service."""


def configuration(name: str | None, *, seconds: float | None = None, folder: Path | None = None) -> dict[str, Any]:
    """The settings that a stack holds for this package, secrets in plain text, by their name without the namespace.

    Args:
        name: of the stack; None for the one that is selected.
        seconds: how long that may take; None for a minute.
        folder: of the project or below it; None for the current one.

    Returns:
        Nothing outside of a project, and without `pulumi`, unless a stack is named.

    Raises:
        SettingsError: the configuration cannot be read; says why.
    """
    folder = folder or Path.cwd()
    pulumi = shutil.which("pulumi")
    if not is_project(folder):
        if name is None:
            return {}
        raise SettingsError(f"--stack {name}: there is no {_PROJECT[0]} in this folder or above it")
    if pulumi is None:
        if name is None:
            return {}
        raise SettingsError(f"--stack {name}: no `pulumi` is on PATH")
    seconds = _SECONDS if seconds is None else seconds
    return parse(_output([pulumi, "config", "--json", "--show-secrets"], name, folder, seconds))


def exported(name: str | None, *, seconds: float | None = None, folder: Path | None = None) -> str:
    """What `pulumi stack export` writes: the state of a stack, secrets in plain text.

    Args:
        name: of the stack; None for the one that is selected.
        seconds: how long that may take; None for a minute.
        folder: of the project or below it; None for the current one.

    Raises:
        SettingsError: the state cannot be read; says why.
    """
    folder = folder or Path.cwd()
    pulumi = shutil.which("pulumi")
    if not is_project(folder):
        raise SettingsError(f"there is no {_PROJECT[0]} in this folder or above it: run this in the folder of a project")
    if pulumi is None:
        raise SettingsError("no `pulumi` is on PATH, which reads the state of the stack")
    seconds = _SECONDS if seconds is None else seconds
    return _output([pulumi, "stack", "export", "--show-secrets"], name, folder, seconds)


def is_project(folder: Path) -> bool:
    """Whether this folder is one of a Pulumi project, or below one."""
    return any((above / file).is_file() for above in (folder, *folder.parents) for file in _PROJECT)


def _output(command: Sequence[str], name: str | None, folder: Path, seconds: float) -> str:
    """What a command of `pulumi` writes to its standard output."""
    pulumi, *arguments = command
    which = [] if name is None else ["--stack", name]
    shown = f"`{' '.join(['pulumi', *(word for word in arguments if not word.startswith('-')), *which])}`"
    command = [pulumi, "--non-interactive", "--color", "never", *arguments, *which]
    try:
        result = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, errors="replace", timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise SettingsError(f"{shown} did not end within {seconds:.3g} s") from None
    if result.returncode != 0:
        raise SettingsError(f"{shown} failed: {reason(result.stderr, name)}")
    return result.stdout


def reason(error: str, name: str | None) -> str:
    """Why a command of `pulumi` failed, on one line. Pure.

    Args:
        error: its standard error.
        name: of the stack, if one was given.
    """
    if name is None and re.search(
        r"no stack selected|no current stack|requires .*--stack|must (select|specify) a stack", error
    ):
        return "no stack is selected: run `pulumi stack select`, or give --stack NAME or --url"
    text = " ".join(visible(error).split()).removeprefix("error: ")
    return text[:500] or "it says nothing about the reason"


def parse(output: str) -> dict[str, Any]:
    """The settings in what `pulumi config --json --show-secrets` writes. Pure.

    Raises:
        SettingsError: that is not what it writes.
    """
    try:
        values = json.loads(output)
        found = {name: values.get(f"{NAMESPACE}:{name}") for name in NAMES}
        return {name: entry["value"] for name, entry in found.items() if entry is not None}
    except (ValueError, AttributeError, TypeError, KeyError):
        raise SettingsError("`pulumi config --json` did not write a map of values: is this Pulumi 3?") from None
