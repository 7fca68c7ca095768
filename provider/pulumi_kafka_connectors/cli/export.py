"""`pulumi-kafka-connectors export`: a Pulumi project with every connector as it is."""

from __future__ import annotations

import os
from pathlib import Path

from pulumi_kafka_connectors.cli.project import Found, project_for
from pulumi_kafka_connectors.connect.models import ConnectorInfo, Expanded
from pulumi_kafka_connectors.core import validation
from pulumi_kafka_connectors.core.cluster import Cluster
from pulumi_kafka_connectors.core.health import Observed
from pulumi_kafka_connectors.core.operation import Operation
from pulumi_kafka_connectors.core.spec import own_config


def write(operation: Operation, folder: Path, project: str | None, *, secrets: bool) -> int:
    """Write the project into an empty folder and say what is left to do.

    Args:
        operation: how to reach the cluster.
        folder: made if it does not exist.
        project: its name; None for that of the folder.
        secrets: also write the files that hold the secrets, in clear, readable by their owner alone.

    Returns:
        0.

    Raises:
        OSError: the folder is not empty or cannot be written.
    """
    if folder.exists() and any(folder.iterdir()):
        raise OSError(f"{folder} is not empty: give another folder with --output")
    cluster = operation.cluster
    found = [_found(cluster, *item) for item in cluster.client.expanded(status=True, info=True).items()]
    made = project_for(found, project or folder.resolve().name, cluster.settings.urls)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in made.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    for name, text in made.private.items() if secrets else ():
        with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    print(f"{len(found) - len(made.skipped)} connectors in {folder}; what to do next: {folder / 'README.md'}")
    for sentence in made.skipped:
        print(sentence)
    for name in made.masked:
        print(f"{name} is masked by the workers: set it by hand")
    return 0


def _found(cluster: Cluster, name: str, entry: Expanded) -> Found:
    info = entry.info or ConnectorInfo(name=name)
    seen = Observed(own_config(info.config), entry.status, info.type)
    typed = validation.typed_passwords(cluster, info.config)
    return Found(name, seen.config, seen.target.word, typed, seen.outputs)
