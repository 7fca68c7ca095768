"""`pulumi-kafka-connectors export`: a Pulumi project with every connector as it is."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from pulumi_kafka_connectors.cli.project import Found, project_for
from pulumi_kafka_connectors.connect.models import ConnectorInfo, Expanded
from pulumi_kafka_connectors.core import validation
from pulumi_kafka_connectors.core.cluster import Cluster
from pulumi_kafka_connectors.core.health import Observed
from pulumi_kafka_connectors.core.operation import Operation
from pulumi_kafka_connectors.core.redaction import visible
from pulumi_kafka_connectors.core.spec import own_config

_UNUSABLE: Final = re.compile(r"[^A-Za-z0-9_.-]+")
"""What Pulumi allows in no name of a project."""


def write(operation: Operation, folder: Path, project: str | None, *, secrets: bool) -> int:
    """Write the project into an empty folder and print what is left to do.

    Args:
        operation: how to reach the cluster.
        folder: created if it does not exist.
        project: its name; None for the name of the folder.
        secrets: also write the files that contain the secrets in plain text, readable by their owner only.

    Returns:
        0.

    Raises:
        OSError: the folder is not empty or cannot be written.
    """
    if folder.exists() and any(folder.iterdir()):
        raise OSError(f"{folder} is not empty: choose another folder with --output")
    cluster = operation.cluster
    found = [_found(cluster, *item) for item in cluster.client.expanded(status=True, info=True).items()]
    made = project_for(found, project or _UNUSABLE.sub("-", folder.resolve().name), cluster.settings.urls)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in made.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    for name, text in made.private.items() if secrets else ():
        with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    print(visible(f"{len(found) - len(made.skipped)} connectors in {folder}; for the next steps see {folder / 'README.md'}"))
    masked = [f"{name} is masked by the workers: set it manually" for name in made.masked]
    for message in (*made.skipped, *masked, *made.notes):
        print(visible(" ".join(message.split())))
    return 0


def _found(cluster: Cluster, name: str, entry: Expanded) -> Found:
    info = entry.info or ConnectorInfo(name=name)
    seen = Observed(own_config(info.config), entry.status, info.type)
    typed = validation.known_passwords(cluster, name, seen.config)
    return Found(name, seen.config, seen.target.word, typed, seen.outputs)
