"""`pulumi-kafka-connectors export`: connectors as they are, as a Pulumi project or as JSON files."""

from __future__ import annotations

import argparse
import json
import os
import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pulumi_kafka_connectors.cli.exporting.found import Found
from pulumi_kafka_connectors.cli.exporting.json_files import json_files
from pulumi_kafka_connectors.cli.exporting.project import LANGUAGES, Project, project_for
from pulumi_kafka_connectors.cli.options import OK, add_command
from pulumi_kafka_connectors.connect.models import ConnectorInfo, Expanded
from pulumi_kafka_connectors.core import validation
from pulumi_kafka_connectors.core.cluster import Cluster
from pulumi_kafka_connectors.core.health import Observed
from pulumi_kafka_connectors.core.operation import Failure, Operation
from pulumi_kafka_connectors.core.redaction import visible
from pulumi_kafka_connectors.core.spec import own_config

if TYPE_CHECKING:
    from pulumi_kafka_connectors.cli.options import Commands

_FORMATS: Final = ("project", "json")
_UNUSABLE: Final = re.compile(r"[^A-Za-z0-9_.-]+")
"""What Pulumi allows in no name of a project."""


def add(commands: Commands, common: Sequence[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = add_command(commands, "export", run, common, "write a Pulumi project that declares connectors as they are")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these connectors")
    parser.add_argument("--output", type=Path, default=Path("connectors"), metavar="DIR", help="(default %(default)s)")
    parser.add_argument("--language", choices=LANGUAGES, help="of the program (default python)")
    parser.add_argument(
        "--format", choices=_FORMATS, default="project", help="json: a file with name and config for each connector"
    )
    parser.add_argument("--project", metavar="NAME", help="name of the project (default: the name of the folder)")
    parser.add_argument("--secrets", action="store_true", help="also write the files that contain the secrets in plain text")
    parser.set_defaults(check=partial(_check, parser))


def _check(parser: argparse.ArgumentParser, asked: argparse.Namespace) -> None:
    if asked.format == "json" and (asked.language or asked.project):
        parser.error("--format json excludes --language and --project")


def run(operation: Operation, asked: argparse.Namespace) -> int:
    """Write files into an empty folder, which is created if it does not exist, and print what is left to do.

    Returns:
        0.

    Raises:
        Failure: a connector does not exist.
        OSError: the folder is not empty or cannot be written.
    """
    folder: Path = asked.output
    if folder.exists() and any(folder.iterdir()):
        raise OSError(f"{folder} is not empty: choose another folder with --output")
    cluster = operation.cluster
    found = [_found(cluster, *item) for item in wanted(cluster.client.expanded(status=True, info=True), asked.names).items()]
    if asked.format == "json":
        made = json_files(found)
    else:
        name = asked.project or _UNUSABLE.sub("-", folder.resolve().name)
        made = project_for(found, name, cluster.settings.urls, asked.language or "python")
    _write(folder, made, secrets=asked.secrets)
    _tell(asked, made, len(found))
    return OK


def wanted(existing: Mapping[str, Expanded], names: Sequence[str]) -> dict[str, Expanded]:
    """The connectors with these names; all if there are none.

    Raises:
        Failure: one of them does not exist.
    """
    if missing := [name for name in names if name not in existing]:
        raise Failure(f"there is no connector {' and no connector '.join(missing)}: `status` lists those that exist")
    return {name: entry for name, entry in existing.items() if name in names or not names}


def _found(cluster: Cluster, name: str, entry: Expanded) -> Found:
    info = entry.info or ConnectorInfo(name=name)
    seen = Observed(own_config(info.config), entry.status, info.type)
    typed = validation.known_passwords(cluster, name, seen.config)
    return Found(name, seen.config, seen.target.word, typed, seen.outputs)


def _write(folder: Path, made: Project, *, secrets: bool) -> None:
    """Write the files; those with secrets are readable by their owner only."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in made.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    for name, text in made.private.items() if secrets else ():
        with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)


def _tell(asked: argparse.Namespace, made: Project, found: int) -> None:
    masked = [f"{name} is masked by the workers: set it manually" for name in made.masked]
    messages = [visible(" ".join(message.split())) for message in (*made.skipped, *masked, *made.notes)]
    written = found - len(made.skipped)
    folder, readme = asked.output, asked.output / "README.md"
    if asked.json:
        files = sorted([*made.files, *(made.private if asked.secrets else ())])
        print(json.dumps({"folder": str(folder), "connectors": written, "files": files, "messages": messages}, indent=2))
        return
    next_steps = f"; for the next steps see {readme}" if readme.name in made.files else ""
    print(visible(f"{written} connectors in {folder}{next_steps}"))
    for message in messages:
        print(message)
