"""Which cluster a command is about, and which of its workers answers."""

from __future__ import annotations

import argparse
import os
from concurrent.futures import as_completed
from functools import partial
from typing import Any, Final

from pulumi_kafka_connectors.cli import stack
from pulumi_kafka_connectors.cli.options import ACCESS
from pulumi_kafka_connectors.connect import Busy, Client, ConnectError, Indeterminate, Unreachable
from pulumi_kafka_connectors.core.cluster import in_background
from pulumi_kafka_connectors.core.operation import Operation
from pulumi_kafka_connectors.core.settings import ENVIRONMENT, NAMESPACE, SettingsError

_NOT_ANSWERING: Final = (Unreachable, Busy, Indeterminate)


def settings_of(asked: argparse.Namespace) -> dict[str, Any]:
    """The settings by name: as the options say; without an address in them or in the environment, also the stack's.

    Raises:
        SettingsError: nothing says where the workers are, or the stack's configuration cannot be read.
    """
    given = {name: getattr(asked, name) for name in ACCESS if getattr(asked, name)}
    if "url" in given or (asked.stack is None and os.environ.get(ENVIRONMENT["url"])):
        return given
    found = stack.configuration(asked.stack, seconds=asked.timeout)
    if not found.get("url"):
        where = f"--url http://HOST:8083, set {ENVIRONMENT['url']}, or set {NAMESPACE}:url in the stack of this project"
        raise SettingsError(f"no worker is known: give {where}")
    return {**found, **given}


def reached(operation: Operation, asked: argparse.Namespace) -> None:
    """Make the cluster of a command turn first to a worker that answers, and end its requests by the deadline.

    Raises:
        Unreachable: no worker answers.
        SettingsError: a setting cannot be used.
    """
    cluster = operation.cluster
    cluster.client = cluster.client.until(asked.deadline)
    cluster.client.transport.prefer(answering(cluster.client, asked.timeout or asked.patience))


def answering(client: Client, seconds: float) -> str:
    """The first of the workers that answers `GET /`, else one that refuses to; all are asked at the same time.

    Args:
        client: of the cluster.
        seconds: for which workers that do not answer are tried again.

    Raises:
        Unreachable: no worker answers; tells why the first does not.
    """
    urls = client.settings.urls
    looks = {in_background(partial(_problem, client, url, seconds)): url for url in urls}
    for look in as_completed(looks):
        if look.result() is None:
            return looks[look]
    for look, url in looks.items():
        if not isinstance(look.result(), _NOT_ANSWERING):  # a refusal: the command itself tells more, or does not meet it
            return url
    text = f"none of the workers {', '.join(urls)} answers: " if len(urls) > 1 else "no worker answers: "
    raise Unreachable(f"{text}{next(iter(looks)).result()}")


def _problem(client: Client, url: str, seconds: float) -> ConnectError | None:
    """Why this worker does not answer as it should; None if it does."""
    try:
        client.with_retry(seconds).until(client.clock.now() + seconds).worker(url)
    except ConnectError as problem:
        return problem
    return None
